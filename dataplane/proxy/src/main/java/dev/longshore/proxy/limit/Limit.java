package dev.longshore.proxy.limit;

import java.util.Locale;

/** What can be exceeded. */
public enum Limit {
  /** Open tunnels of a location. */
  CONNECTIONS("this route has as many connections as it may have"),
  /** Open tunnels of one client at a location. */
  CONNECTIONS_PER_CLIENT("you have as many connections to this route as you may have"),
  /** Handshakes per second of one client at a location. */
  HANDSHAKES("you connect to this route more often than you may"),
  /** Plain requests per second of one client at a location. */
  REQUESTS("you ask this route for more than you may"),
  /** Plain requests under way of one client, at all locations. */
  REQUESTS_PER_CLIENT("you have as many requests under way as you may have");

  private final String detail;

  Limit(String detail) {
    this.detail = detail;
  }

  /** One clause in plain words, for the client. */
  public String detail() {
    return detail;
  }

  /** The value of the label {@code limit}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
