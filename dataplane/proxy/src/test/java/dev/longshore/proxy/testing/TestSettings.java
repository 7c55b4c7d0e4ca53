package dev.longshore.proxy.testing;

import dev.longshore.contract.Cidr;
import dev.longshore.contract.Settings;
import dev.longshore.contract.Settings.AccessLog;
import dev.longshore.contract.Settings.Bounds;
import dev.longshore.contract.Settings.ForwardedHeaders;
import dev.longshore.contract.Settings.Http2;
import dev.longshore.contract.Settings.ProcessDrain;
import dev.longshore.contract.Settings.ProxyProtocol;
import dev.longshore.contract.Settings.Tls;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Builds settings that differ from the default in what a test is about. */
public final class TestSettings {
  private List<Cidr> trusted = Settings.DEFAULT.trustedProxies();
  private ForwardedHeaders forwarded = Settings.DEFAULT.forwardedHeaders();
  private ProxyProtocol proxyProtocol = Settings.DEFAULT.proxyProtocol();
  private ProcessDrain drain = Settings.DEFAULT.processDrain();
  private AccessLog accessLog = Settings.DEFAULT.accessLog();
  private Bounds bounds = Settings.DEFAULT.bounds();
  private Tls tls = Settings.DEFAULT.tls();
  private @Nullable List<Cidr> proxyProtocolFrom;
  private @Nullable Http2 http2 = Http2.DEFAULT;

  /** Forwarding headers of these ranges are believed. */
  public TestSettings trusting(String... ranges) {
    trusted = Stream.of(ranges).map(Cidr::parse).toList();
    return this;
  }

  /** What happens to forwarding headers that are believed. */
  public TestSettings forwarded(ForwardedHeaders mode) {
    forwarded = mode;
    return this;
  }

  /** Whether connections start with a PROXY header. */
  public TestSettings proxyProtocol(ProxyProtocol mode) {
    proxyProtocol = mode;
    return this;
  }

  /** PROXY headers are required, and believed from these ranges. */
  public TestSettings proxyProtocolFrom(String... ranges) {
    proxyProtocolFrom = Stream.of(ranges).map(Cidr::parse).toList();
    return proxyProtocol(ProxyProtocol.REQUIRED);
  }

  /** How the process goes away. */
  public TestSettings processDrain(Duration delay, Duration window, Duration deadline) {
    drain = new ProcessDrain(delay, window, deadline);
    return this;
  }

  /** What is logged. */
  public TestSettings accessLog(AccessLog mode) {
    accessLog = mode;
    return this;
  }

  /** Sizes and time of a request. */
  public TestSettings bounds(Bounds all) {
    bounds = all;
    return this;
  }

  /** How long a request head may take. */
  public TestSettings headWithin(Duration bound) {
    return bounds(
        new Bounds(
            bounds.requestLineBytes(),
            bounds.headerBytes(),
            bounds.headerCount(),
            bounds.bodyBytes(),
            bound));
  }

  /** The TLS that clients get. */
  public TestSettings tls(Tls all) {
    tls = all;
    return this;
  }

  /** Where HTTP/2 is spoken; null: nowhere, as an older operator has it. */
  public TestSettings http2(@Nullable Http2 all) {
    http2 = all;
    return this;
  }

  /** The settings. */
  public Settings build() {
    return new Settings(
        trusted, forwarded, proxyProtocol, drain, accessLog, bounds, tls, proxyProtocolFrom, http2);
  }
}
