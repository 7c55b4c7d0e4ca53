package dev.longshore.contract;

import dev.longshore.contract.Certificate.CertificateKey;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What all listeners of a data plane share.
 *
 * @param trustedProxies whose forwarding headers are believed
 * @param forwardedHeaders what happens to forwarding headers of trusted proxies
 * @param proxyProtocol whether connections start with a PROXY header
 * @param processDrain how the process goes away
 * @param accessLog what is logged per request and tunnel
 * @param bounds sizes and time of a request
 * @param tls the TLS that clients get
 * @param proxyProtocolFrom whose PROXY headers are believed when they are required: connections of
 *     others are closed. Null: everybody's, which is what operators mean that don't know of it
 * @param http2 where HTTP/2 is spoken with clients. Null: nowhere, likewise
 */
public record Settings(
    List<Cidr> trustedProxies,
    ForwardedHeaders forwardedHeaders,
    ProxyProtocol proxyProtocol,
    ProcessDrain processDrain,
    AccessLog accessLog,
    Bounds bounds,
    Tls tls,
    @Nullable List<Cidr> proxyProtocolFrom,
    @Nullable Http2 http2) {

  /** What a data plane without a LongshoreConfig has. */
  public static final Settings DEFAULT =
      new Settings(
          List.of(),
          ForwardedHeaders.APPEND,
          ProxyProtocol.OFF,
          new ProcessDrain(Duration.ofSeconds(5), Duration.ofSeconds(60), Duration.ofSeconds(5)),
          AccessLog.ALL,
          new Bounds(8192, 32768, 100, 0, Duration.ofSeconds(10)),
          Tls.DEFAULT,
          null,
          null);

  public Settings {
    trustedProxies = List.copyOf(trustedProxies);
    proxyProtocolFrom = proxyProtocolFrom == null ? null : List.copyOf(proxyProtocolFrom);
  }

  /** The same, where names without a certificate of their own have none. */
  public Settings withoutDefaultCertificate() {
    return tls.defaultCertificate() == null
        ? this
        : new Settings(
            trustedProxies,
            forwardedHeaders,
            proxyProtocol,
            processDrain,
            accessLog,
            bounds,
            new Tls(tls.minVersion(), tls.maxVersion(), tls.ciphers(), null, tls.hsts()),
            proxyProtocolFrom,
            http2);
  }

  /** The same, without HTTP/2: for data planes that don't know it. */
  public Settings withoutHttp2() {
    return with(null);
  }

  /** The same, with HTTP/2 as this says. */
  public Settings with(@Nullable Http2 next) {
    return new Settings(
        trustedProxies,
        forwardedHeaders,
        proxyProtocol,
        processDrain,
        accessLog,
        bounds,
        tls,
        proxyProtocolFrom,
        next);
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

  /**
   * The TLS that clients get.
   *
   * @param minVersion the oldest version
   * @param maxVersion the newest version, not older than {@code minVersion}
   * @param ciphers suites of {@link #CIPHERS} for TLS 1.2, the preferred one first; those of TLS
   *     1.3 are always on. Empty: the data plane's choice
   * @param defaultCertificate for names without one of their own; null: there is none, and such a
   *     handshake is refused
   * @param hsts Strict-Transport-Security on answers over TLS; null: not sent
   */
  public record Tls(
      TlsVersion minVersion,
      TlsVersion maxVersion,
      List<String> ciphers,
      @Nullable CertificateKey defaultCertificate,
      @Nullable Hsts hsts) {
    /** TLS 1.2 and 1.3, and nothing else said. */
    public static final Tls DEFAULT =
        new Tls(TlsVersion.TLS_1_2, TlsVersion.TLS_1_3, List.of(), null, null);

    /**
     * The suites that can be chosen, by their IANA names: those of TLS 1.3, and of TLS 1.2 those
     * with forward secrecy. The ones in CBC mode are for old clients, and not among the defaults.
     */
    public static final Set<String> CIPHERS =
        Set.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
            "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
            "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
            "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA");

    public Tls {
      ciphers = List.copyOf(ciphers);
    }
  }

  /**
   * Where HTTP/2 is spoken with clients.
   *
   * @param https whether it is offered on TLS listeners, by ALPN
   * @param http whether it is spoken on listeners in the clear with who begins with it ("prior
   *     knowledge", RFC 9113 §3.3)
   * @param maxConcurrentStreams that a client may have open on one connection, 1 to {@link
   *     HardLimits#HTTP2_STREAMS}
   */
  public record Http2(boolean https, boolean http, int maxConcurrentStreams) {
    /** Over TLS. */
    public static final Http2 DEFAULT = new Http2(true, false, 100);
  }

  /** A version of TLS; the order is that of age. */
  public enum TlsVersion {
    TLS_1_2,
    TLS_1_3
  }

  /**
   * Strict-Transport-Security (RFC 6797).
   *
   * @param maxAge how long browsers remember it; zero makes them forget
   * @param includeSubdomains whether it holds for subdomains
   */
  public record Hsts(Duration maxAge, boolean includeSubdomains) {}
}
