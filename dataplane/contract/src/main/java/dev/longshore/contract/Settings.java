package dev.longshore.contract;

import java.time.Duration;
import java.util.List;

/**
 * What all listeners of a data plane share.
 *
 * @param trustedProxies whose forwarding headers are believed
 * @param forwardedHeaders what happens to forwarding headers of trusted proxies
 * @param proxyProtocol whether connections start with a PROXY header
 * @param processDrain how the process goes away
 * @param accessLog what is logged per request and tunnel
 * @param bounds sizes and time of a request
 */
public record Settings(
    List<Cidr> trustedProxies,
    ForwardedHeaders forwardedHeaders,
    ProxyProtocol proxyProtocol,
    ProcessDrain processDrain,
    AccessLog accessLog,
    Bounds bounds) {

  /** What a data plane without a LongshoreConfig has. */
  public static final Settings DEFAULT =
      new Settings(
          List.of(),
          ForwardedHeaders.APPEND,
          ProxyProtocol.OFF,
          new ProcessDrain(Duration.ofSeconds(5), Duration.ofSeconds(60), Duration.ofSeconds(5)),
          AccessLog.ALL,
          new Bounds(8192, 32768, 100, 0, Duration.ofSeconds(10)));

  public Settings {
    trustedProxies = List.copyOf(trustedProxies);
  }

  /**
   * What happens to X-Forwarded-*, Forwarded and X-Real-IP that a <em>trusted</em> peer sent;
   * others are replaced.
   */
  public enum ForwardedHeaders {
    /** Kept and appended to. */
    APPEND,
    /** Replaced also for trusted peers. */
    REPLACE
  }

  /** Whether connections start with a PROXY protocol header (v1 or v2). */
  public enum ProxyProtocol {
    /** A PROXY header is a malformed request. */
    OFF,
    /** A connection without one is closed. */
    REQUIRED
  }

  /** What the access log holds. */
  public enum AccessLog {
    /** Every request and every tunnel. */
    ALL,
    /** Only tunnels, and requests answered with 4xx or 5xx. */
    TUNNELS_AND_ERRORS,
    /** Nothing. */
    OFF
  }

  /**
   * How the process goes away after SIGTERM.
   *
   * @param delay readiness fails, listeners still accept
   * @param window over which tunnels are closed evenly
   * @param deadline from a Close until the connection is closed anyway
   */
  public record ProcessDrain(Duration delay, Duration window, Duration deadline) {}

  /**
   * Bounds of a request.
   *
   * @param requestLineBytes request line, 1 to 1,048,576; beyond: 414
   * @param headerBytes header block, 1 to 16,777,216; beyond: 431
   * @param headerCount header fields, 1 to 10,000; beyond: 431
   * @param bodyBytes plain HTTP request body; beyond: 413; 0: no bound
   * @param requestTimeout until the header block is complete, above zero; beyond: 408
   */
  public record Bounds(
      int requestLineBytes,
      int headerBytes,
      int headerCount,
      long bodyBytes,
      Duration requestTimeout) {}
}
