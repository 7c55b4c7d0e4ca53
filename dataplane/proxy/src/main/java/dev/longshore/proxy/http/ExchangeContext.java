package dev.longshore.proxy.http;

import dev.longshore.contract.Settings.Hsts;
import dev.longshore.proxy.loop.DeadlineSweep;
import dev.longshore.proxy.table.RoutingState;
import dev.longshore.proxy.tunnel.CallRegistry;
import io.netty.util.concurrent.Ticker;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the exchanges of one event loop share. On that loop. */
public final class ExchangeContext {
  private final Supplier<RoutingState> routing;
  private final Upstreams upstreams;
  private final RequestRecorder recorder;
  private final DeadlineSweep deadlines;
  private final CallRegistry calls;
  private @Nullable StrictTransport strict;

  ExchangeContext(
      Supplier<RoutingState> routing,
      Upstreams upstreams,
      RequestRecorder recorder,
      DeadlineSweep deadlines,
      CallRegistry calls) {
    this.routing = routing;
    this.upstreams = upstreams;
    this.recorder = recorder;
    this.deadlines = deadlines;
    this.calls = calls;
  }

  /** Ways to endpoints. */
  public Upstreams upstreams() {
    return upstreams;
  }

  /** By which clients have their time. */
  Ticker ticker() {
    return deadlines.ticker();
  }

  /** Of the event loop. */
  DeadlineSweep deadlines() {
    return deadlines;
  }

  /** Where calls of gRPC that last are listed. */
  CallRegistry calls() {
    return calls;
  }

  /** Metrics and access log. */
  public RequestRecorder recorder() {
    return recorder;
  }

  /**
   * The Strict-Transport-Security (RFC 6797) of answers to a client; null: none. It has no meaning
   * in the clear (§7.2).
   */
  @SuppressWarnings("ReferenceEquality") // Another one that says the same costs a concatenation.
  public @Nullable String strictTransportSecurity(ClientPeer peer) {
    Hsts setting = peer.tls() == null ? null : routing.get().settings().tls().hsts();
    if (setting == null) {
      return null;
    }
    StrictTransport known = strict;
    if (known == null || known.setting != setting) {
      String subdomains = setting.includeSubdomains() ? "; includeSubDomains" : "";
      known = new StrictTransport(setting, "max-age=" + setting.maxAge().toSeconds() + subdomains);
      strict = known;
    }
    return known.value;
  }

  private record StrictTransport(Hsts setting, String value) {}
}
