package dev.longshore.proxy.filter;

import dev.longshore.contract.UpstreamPool.Affinity;
import dev.longshore.contract.UpstreamPool.SameSite;
import java.time.Duration;

/**
 * The Set-Cookie (RFC 6265) by which a client comes back to an endpoint. It is sent when an
 * endpoint was chosen that the client's cookie does not mean, and not again: a time to live counts
 * from the choice, so it should be longer than sessions are.
 *
 * @param affinity the pool's
 * @param value what stands for the endpoint
 * @param secure whether the client spoke over TLS: then it is never to go in the clear
 */
public record AffinityCookie(Affinity affinity, String value, boolean secure) {
  String name() {
    return affinity.cookie();
  }

  /** The field's value. */
  String field() {
    StringBuilder field =
        new StringBuilder(affinity.cookie())
            .append('=')
            .append(value)
            .append("; Path=")
            .append(affinity.path());
    if (!affinity.ttl().isZero()) {
      field.append("; Max-Age=").append(seconds(affinity.ttl()));
    }
    field.append("; HttpOnly");
    // Browsers take SameSite=None with Secure only.
    if (secure || affinity.sameSite() == SameSite.NONE) {
      field.append("; Secure");
    }
    return field.append("; SameSite=").append(text(affinity.sameSite())).toString();
  }

  /** At least 1, for 0 deletes. */
  private static long seconds(Duration ttl) {
    return Math.max(1, ttl.toSeconds());
  }

  private static String text(SameSite sameSite) {
    return switch (sameSite) {
      case STRICT -> "Strict";
      case LAX -> "Lax";
      case NONE -> "None";
    };
  }
}
