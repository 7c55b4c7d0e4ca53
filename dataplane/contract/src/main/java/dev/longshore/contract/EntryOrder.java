package dev.longshore.contract;

import static java.util.Comparator.comparing;

import dev.longshore.contract.Certificate.CertificateKey;
import java.util.Comparator;
import java.util.List;

/** The order of entries in JSON, so that equal snapshots are equal text. */
final class EntryOrder {
  static final Comparator<RuleKey> RULES =
      comparing(RuleKey::host)
          .thenComparing(RuleKey::path)
          .thenComparing(RuleKey::pathType)
          .thenComparing(key -> key.matches().headers(), EntryOrder::lexical)
          .thenComparing(key -> key.matches().query(), EntryOrder::lexical);

  static final Comparator<PoolKey> POOLS =
      comparing(PoolKey::namespace)
          .thenComparing(PoolKey::resource)
          .thenComparing(PoolKey::kind)
          .thenComparing(PoolKey::upstream);

  static final Comparator<EndpointSetKey> ENDPOINT_SETS =
      comparing(EndpointSetKey::namespace)
          .thenComparing(EndpointSetKey::service)
          .thenComparing(EndpointSetKey::port);

  static final Comparator<CertificateKey> CERTIFICATES =
      comparing(CertificateKey::namespace).thenComparing(CertificateKey::secret);

  private EntryOrder() {}

  private static int lexical(List<ValueMatch> a, List<ValueMatch> b) {
    for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
      int order = a.get(i).compareTo(b.get(i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(a.size(), b.size());
  }
}
