package dev.longshore.proxy.net;

import org.jspecify.annotations.Nullable;

/** Wildcards of one label, as rules, certificates and listeners have them (RFC 9525 §6.3). */
public final class Wildcard {
  private Wildcard() {}

  /**
   * The one that a host would be served by.
   *
   * @param host as rules are matched: lower case, without port; IPv6 in brackets
   * @return {@code *.example.com} of {@code chat.example.com}; null: there can't be any
   */
  public static @Nullable String of(String host) {
    int dot = host.indexOf('.');
    return dot > 0 && !host.startsWith("[") ? "*".concat(host.substring(dot)) : null;
  }
}
