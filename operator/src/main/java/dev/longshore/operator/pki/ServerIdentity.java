package dev.longshore.operator.pki;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What a server proves who it is with.
 *
 * @param key never shown
 * @param chain leaf first, at least one
 */
public record ServerIdentity(PrivateKey key, List<X509Certificate> chain) {
  public ServerIdentity {
    chain = List.copyOf(chain);
  }

  /** Who and until when. */
  @Override
  public String toString() {
    X509Certificate leaf = chain.getFirst();
    return leaf.getSubjectX500Principal() + " until " + leaf.getNotAfter().toInstant();
  }
}
