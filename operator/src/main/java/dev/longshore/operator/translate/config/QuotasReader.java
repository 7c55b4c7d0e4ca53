package dev.longshore.operator.translate.config;

import dev.longshore.api.v1alpha1.LongshoreConfigSpec;
import dev.longshore.api.v1alpha1.LongshoreConfigSpec.NamespaceQuota;
import dev.longshore.operator.translate.claim.Quota;
import dev.longshore.operator.translate.field.Names;
import dev.longshore.operator.translate.field.Quantities;
import dev.longshore.operator.translate.quota.Quotas;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads of a LongshoreConfig how much each namespace may have. */
final class QuotasReader {
  private final Problems problems;

  QuotasReader(Problems problems) {
    this.problems = problems;
  }

  /** The quotas; where nothing is said, or nothing right, those of {@code otherwise}. */
  Quotas read(LongshoreConfigSpec.@Nullable Quotas said, Quotas otherwise) {
    if (said == null) {
      return otherwise;
    }
    Quota byDefault =
        quota(
            said.rules(),
            said.pools(),
            said.endpoints(),
            said.certificates(),
            said.bytes(),
            "spec.quotas",
            otherwise.byDefault());
    Map<String, Quota> namespaces = new HashMap<>();
    List<NamespaceQuota> listed = Objects.requireNonNullElse(said.namespaces(), List.of());
    for (int i = 0; i < listed.size(); i++) {
      NamespaceQuota own = listed.get(i);
      String path = "spec.quotas.namespaces[" + i + "]";
      String name =
          problems.parse(
              path + ".namespace",
              () -> Names.label(Objects.requireNonNullElse(own.namespace(), "")));
      if (name != null) {
        namespaces.put(
            name,
            quota(
                own.rules(),
                own.pools(),
                own.endpoints(),
                own.certificates(),
                own.bytes(),
                path,
                byDefault));
      }
    }
    return new Quotas(byDefault, namespaces);
  }

  private Quota quota(
      @Nullable Integer rules,
      @Nullable Integer pools,
      @Nullable Integer endpoints,
      @Nullable Integer certificates,
      @Nullable String bytes,
      String path,
      Quota otherwise) {
    return new Quota(
        count(rules, path + ".rules", otherwise.rules()),
        count(pools, path + ".pools", otherwise.pools()),
        count(endpoints, path + ".endpoints", otherwise.endpoints()),
        count(certificates, path + ".certificates", otherwise.certificates()),
        size(bytes, path + ".bytes", otherwise.bytes()));
  }

  private long count(@Nullable Integer count, String path, long otherwise) {
    if (count == null || count >= 0) {
      return count == null ? otherwise : count;
    }
    problems.fault(Reason.INVALID, path, count + " is below 0");
    return otherwise;
  }

  private long size(@Nullable String text, String path, long otherwise) {
    Long bytes =
        text == null ? null : problems.parse(path, () -> Quantities.parse(text, 0, Long.MAX_VALUE));
    return bytes == null ? otherwise : bytes;
  }
}
