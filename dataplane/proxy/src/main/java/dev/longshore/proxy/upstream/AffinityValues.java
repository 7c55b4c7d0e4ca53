package dev.longshore.proxy.upstream;

import dev.longshore.contract.PoolKey;
import dev.longshore.contract.Secret;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamPool.Affinity;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * What the affinity cookies of a pool say: its mark (8 characters), by which a client stays with
 * the pool of a split even when its endpoint is gone, and the endpoint (22 characters, 128 bits).
 * Both are keyed hashes (HMAC-SHA256, base64url), so a client learns no address and can't make up
 * the value of an endpoint that it was not sent to. Immutable; each value is worked out once for an
 * endpoint and a key.
 */
final class AffinityValues {
  private static final String ALGORITHM = "HmacSHA256";
  private static final int MARK_BYTES = 6;
  private static final int ENDPOINT_BYTES = 16;

  /** Of a value: three bytes are four characters. */
  private static final int LENGTH = 30;

  /** For pools whose key was taken away: good for as long as this process lives. */
  private static final byte[] KEY_OF_PROCESS = random();

  private final @Nullable Secret key;
  private final String mark;
  private final Map<String, EndpointState> endpoints;
  private final Map<EndpointState, String> values;

  private AffinityValues(
      @Nullable Secret key,
      String mark,
      Map<String, EndpointState> endpoints,
      Map<EndpointState, String> values) {
    this.key = key;
    this.mark = mark;
    this.endpoints = endpoints;
    this.values = values;
  }

  /**
   * Those of a pool; null when it has no affinity.
   *
   * @param before what they were before a change of the pool or its endpoints; null: nothing
   */
  static @Nullable AffinityValues of(
      UpstreamPool pool, List<EndpointState> members, @Nullable AffinityValues before) {
    Affinity affinity = pool.affinity();
    if (affinity == null) {
      return null;
    }
    AffinityValues known =
        before != null && Objects.equals(before.key, affinity.key()) ? before : null;
    Mac mac = mac(affinity.key());
    String name = name(pool.key());
    Map<String, EndpointState> endpoints = new HashMap<>();
    Map<EndpointState, String> values = new IdentityHashMap<>();
    String mark = known != null ? known.mark : text(mac, "pool\0" + name, MARK_BYTES);
    for (EndpointState endpoint : members) {
      String value = known == null ? null : known.values.get(endpoint);
      if (value == null) {
        value = mark + text(mac, "endpoint\0" + name + '\0' + endpoint, ENDPOINT_BYTES);
      }
      endpoints.put(value, endpoint);
      values.put(endpoint, value);
    }
    return new AffinityValues(affinity.key(), mark, endpoints, values);
  }

  /** Pools without a key of their own share the process's, but not their values. */
  private static String name(PoolKey key) {
    return String.join("\0", key.kind(), key.namespace(), key.resource(), key.upstream());
  }

  private static Mac mac(@Nullable Secret key) {
    byte[] bytes = key == null ? KEY_OF_PROCESS : HexFormat.of().parseHex(key.reveal());
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(bytes, ALGORITHM));
      return mac;
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every Java has " + ALGORITHM, e);
    }
  }

  private static String text(Mac mac, String message, int bytes) {
    byte[] hash = mac.doFinal(message.getBytes(StandardCharsets.UTF_8));
    return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(hash, bytes));
  }

  private static byte[] random() {
    byte[] bytes = new byte[32];
    new SecureRandom().nextBytes(bytes);
    return bytes;
  }

  /** Whether a value is of this pool, of whatever endpoint. */
  boolean isOfPool(String value) {
    return value.length() == LENGTH && value.startsWith(mark);
  }

  /** The endpoint that a value means, be it draining; null when nobody has it. */
  @Nullable EndpointState endpoint(String value) {
    return value.length() == LENGTH ? endpoints.get(value) : null;
  }

  /** The value of an endpoint; null when it is not of the pool. */
  @Nullable String value(EndpointState endpoint) {
    return values.get(endpoint);
  }
}
