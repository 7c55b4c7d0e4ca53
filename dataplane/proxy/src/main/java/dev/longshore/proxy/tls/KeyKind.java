package dev.longshore.proxy.tls;

import java.security.PublicKey;

/** The kinds of keys that certificates have, the cheapest for a server first. */
enum KeyKind {
  ECDSA,
  EDDSA,
  RSA;

  /**
   * The kind of a key.
   *
   * @throws IllegalArgumentException if it is none of them
   */
  static KeyKind of(PublicKey key) {
    return switch (key.getAlgorithm()) {
      case "EC" -> ECDSA;
      case "EdDSA", "Ed25519" -> EDDSA;
      case "RSA" -> RSA;
      default ->
          throw new IllegalArgumentException(
              "has a key of the kind " + key.getAlgorithm() + "; RSA, EC and EdDSA are served");
    };
  }
}
