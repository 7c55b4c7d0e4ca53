package dev.longshore.proxy.filter;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who gets an answer, and from whom, as far as filters of answers ask. */
public interface Answered {
  /** Whether it asked for a WebSocket. */
  boolean websocket();

  /** All values of its Origin header. */
  List<String> origins();

  /** What Strict-Transport-Security says to this client; null: nothing. */
  @Nullable String strictTransportSecurity();

  /** The cookie that brings the client back to the endpoint; null: it would come back anyway. */
  @Nullable AffinityCookie affinityCookie();
}
