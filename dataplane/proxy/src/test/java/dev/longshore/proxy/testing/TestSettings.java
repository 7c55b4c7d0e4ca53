package dev.longshore.proxy.testing;

import dev.longshore.contract.Cidr;
import dev.longshore.contract.Settings;
import java.util.List;

/** Settings that differ from the default in one thing. */
public final class TestSettings {
  private TestSettings() {}

  /** Forwarding headers of these ranges are believed. */
  public static Settings trusting(Cidr... ranges) {
    Settings standard = Settings.DEFAULT;
    return new Settings(
        List.of(ranges),
        standard.forwardedHeaders(),
        standard.proxyProtocol(),
        standard.processDrain(),
        standard.accessLog(),
        standard.bounds(),
        standard.tls());
  }
}
