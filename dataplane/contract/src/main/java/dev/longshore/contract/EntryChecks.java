package dev.longshore.contract;

import java.util.regex.Pattern;

/** Checks pools, endpoint sets, certificates and settings, each by itself. */
final class EntryChecks {
  private static final int MAX_IDLE_CONNECTIONS = 10_000;
  private static final int MAX_CHAIN_CHARS = 262_144;
  private static final int MAX_KEY_CHARS = 65_536;
  private static final int MAX_PROXIES = 256;
  private static final Pattern CHAIN = pem("CERTIFICATE", "++");
  private static final Pattern KEY = pem("PRIVATE KEY", "");

  private EntryChecks() {}

  static void check(UpstreamPool pool, Field field) {
    field.at("slowStart").duration(pool.slowStart());
    Field keepalive = field.at("keepalive");
    int idle = pool.keepalive().idleConnections();
    if (idle < 0 || idle > MAX_IDLE_CONNECTIONS) {
      keepalive.at("idleConnections").mustBe("0 to 10,000", idle);
    }
    keepalive.at("idleTimeout").duration(pool.keepalive().idleTimeout());
    PoolChecks.check(pool, field);
  }

  static void check(UpstreamTls tls, Field field) {
    String name = tls.serverName();
    if (name != null && !Syntax.isHostName(name)) {
      field.at("serverName").mustBe("a lower-case host name such as chat.internal", name);
    }
    if (tls.credentials() == null) {
      check(tls.own(), field);
    } else if (tls.trustedCertificates() != null || tls.clientCertificate() != null) {
      field.at("credentials").wrong("is there beside certificates of its own; one of them can be");
    }
  }

  static void check(UpstreamCredentials credentials, Field field) {
    String trusted = credentials.trustedCertificates();
    if (trusted != null) {
      chain(trusted, field.at("trustedCertificates"));
    }
    UpstreamTls.ClientCertificate own = credentials.clientCertificate();
    if (own != null) {
      chain(own.chain(), field.at("clientCertificate").at("chain"));
      key(own.privateKey(), field.at("clientCertificate").at("privateKey"));
    }
  }

  static void check(EndpointSet set, Field field) {
    Field endpoints = field.at("endpoints");
    for (int i = 0; i < set.endpoints().size(); i++) {
      Endpoint endpoint = set.endpoints().get(i);
      if (!Syntax.isAddress(endpoint.address())) {
        endpoints
            .at(i)
            .at("address")
            .mustBe("an IP literal such as 192.168.3.1 or 2001:db8::1", endpoint.address());
      } else if (!Syntax.isDialable(endpoint.address())) {
        endpoints
            .at(i)
            .at("address")
            .mustBe(
                "the address of one host, neither unspecified nor multicast", endpoint.address());
      }
      if (!Syntax.isPort(endpoint.port())) {
        endpoints.at(i).at("port").mustBe("1 to 65535", endpoint.port());
      }
    }
  }

  /** Shape only: whether chain and key belong together is for who loads them. */
  static void check(Certificate certificate, Field field) {
    for (int i = 0; i < certificate.hosts().size(); i++) {
      String host = certificate.hosts().get(i);
      if (!host.equals(RuleKey.ANY_HOST) && !Syntax.isHostOrWildcard(host)) {
        field.at("hosts").at(i).mustBe(Syntax.HOST, host);
      }
    }
    chain(certificate.chain(), field.at("chain"));
    key(certificate.privateKey(), field.at("privateKey"));
  }

  private static void chain(String chain, Field field) {
    if (chain.length() > MAX_CHAIN_CHARS || !CHAIN.matcher(chain).matches()) {
      field.wrong(
          "must be PEM certificates (-----BEGIN CERTIFICATE-----), leaf first, at most 256 KiB"
              + " and nothing else");
    }
  }

  private static void key(Secret privateKey, Field field) {
    String key = privateKey.reveal();
    if (key.length() > MAX_KEY_CHARS || !KEY.matcher(key).matches()) {
      field.wrong("must be one PKCS #8 key in PEM (-----BEGIN PRIVATE KEY-----), at most 64 KiB");
    }
  }

  static void check(Settings settings, Field field) {
    field.at("trustedProxies").ranges(settings.trustedProxies(), MAX_PROXIES);
    if (settings.proxyProtocolFrom() != null) {
      field.at("proxyProtocolFrom").ranges(settings.proxyProtocolFrom(), MAX_PROXIES);
    }
    if (settings.http2() != null) {
      field
          .at("http2")
          .at("maxConcurrentStreams")
          .within(settings.http2().maxConcurrentStreams(), 1, HardLimits.HTTP2_STREAMS);
    }
    Field drain = field.at("processDrain");
    drain.at("delay").duration(settings.processDrain().delay());
    drain.at("window").duration(settings.processDrain().window());
    drain.at("deadline").duration(settings.processDrain().deadline());
    Field bounds = field.at("bounds");
    Settings.Bounds b = settings.bounds();
    bounds.at("requestLineBytes").within(b.requestLineBytes(), 1, 1 << 20);
    bounds.at("headerBytes").within(b.headerBytes(), 1, 16 << 20);
    bounds.at("headerCount").within(b.headerCount(), 1, 10_000);
    if (b.bodyBytes() < 0) {
      bounds.at("bodyBytes").mustBe("0 (no bound) or more", b.bodyBytes());
    }
    bounds.at("requestTimeout").duration(b.requestTimeout());
    if (b.requestTimeout().isZero()) {
      bounds
          .at("requestTimeout")
          .wrong("is 0s; must be above 0s, or slow headers would hold connections for ever");
    }
    check(settings.tls(), field.at("tls"));
  }

  private static void check(Settings.Tls tls, Field field) {
    if (tls.minVersion().compareTo(tls.maxVersion()) > 0) {
      field.at("minVersion").mustBe("no newer than maxVersion", tls.minVersion());
    }
    Field ciphers = field.at("ciphers");
    if (tls.ciphers().size() > Settings.Tls.CIPHERS.size()) {
      ciphers.wrong("has " + tls.ciphers().size() + " items, more than there are suites");
    }
    for (int i = 0; i < tls.ciphers().size(); i++) {
      if (!Settings.Tls.CIPHERS.contains(tls.ciphers().get(i))) {
        ciphers
            .at(i)
            .mustBe("a suite such as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", tls.ciphers().get(i));
      }
    }
    Settings.Hsts hsts = tls.hsts();
    if (hsts != null) {
      field.at("hsts").at("maxAge").duration(hsts.maxAge());
    }
  }

  /** Possessive throughout, so that a text that is none is refused in linear time. */
  private static Pattern pem(String label, String times) {
    String block =
        "-----BEGIN LABEL-----[ \\t]*+\\r?+\\n(?:[A-Za-z0-9+/=]++[ \\t]*+\\r?+\\n)++-----END LABEL-----"
            .replace("LABEL", label);
    return Pattern.compile("\\s*+(?:" + block + "\\s*+)" + times);
  }
}
