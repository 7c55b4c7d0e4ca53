package dev.longshore.operator.translate.secret;

import dev.longshore.contract.PoolKey;
import dev.longshore.contract.Secret;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Where the key is from that the keys of affinity cookies are made of. Every pool has a key of its
 * own, so that a cookie of one says nothing at another.
 */
public sealed interface AffinityKey {
  /** The Secret's name, in the operator's own namespace. */
  String NAME = "longshore-affinity";

  /** The entry of the Secret that holds it. */
  String ENTRY = "key";

  /** How long it is. */
  int BYTES = 32;

  /**
   * One that is known.
   *
   * @param hex {@link #BYTES} bytes in hex digits
   */
  record Given(Secret hex) implements AffinityKey {
    /** A new one: cookies that were made with it mean nothing to any other process. */
    public static Given random() {
      byte[] bytes = new byte[BYTES];
      new SecureRandom().nextBytes(bytes);
      return new Given(new Secret(HexFormat.of().formatHex(bytes)));
    }
  }

  /**
   * One that all replicas share, and keep when they restart.
   *
   * @param namespace of the operator, where the Secret is
   */
  record InCluster(String namespace) implements AffinityKey {
    /** The Secret. */
    public ResourceRef secret() {
      return new ResourceRef(Kind.SECRET, namespace, NAME);
    }
  }

  /** What a Secret holds, in hex digits; null: not {@link #BYTES} bytes. */
  static @Nullable Secret read(io.fabric8.kubernetes.api.model.Secret secret) {
    Map<String, String> data = secret.getData();
    String encoded = data == null ? null : data.get(ENTRY);
    try {
      byte[] bytes = encoded == null ? new byte[0] : Base64.getDecoder().decode(encoded);
      return bytes.length == BYTES ? new Secret(HexFormat.of().formatHex(bytes)) : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /**
   * The key of a pool: HMAC-SHA256 of its name, in which no part but the last may hold a slash.
   *
   * @param master in hex digits
   * @return 64 hex digits
   */
  static Secret derive(Secret master, PoolKey pool) {
    String name = String.join("/", pool.kind(), pool.namespace(), pool.resource(), pool.upstream());
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(HexFormat.of().parseHex(master.reveal()), mac.getAlgorithm()));
      return new Secret(
          HexFormat.of().formatHex(mac.doFinal(name.getBytes(StandardCharsets.UTF_8))));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JVM has HmacSHA256", e);
    }
  }
}
