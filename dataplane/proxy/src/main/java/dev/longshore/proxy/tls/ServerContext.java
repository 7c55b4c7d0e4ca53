package dev.longshore.proxy.tls;

import dev.longshore.contract.Certificate;
import dev.longshore.contract.Certificate.CertificateKey;
import dev.longshore.contract.Settings;
import dev.longshore.contract.Settings.TlsVersion;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.internal.tcnative.SSL;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** A server certificate that is ready for handshakes. */
final class ServerContext {
  /** The cheapest kind of key first; among equals the order is that of the keys. */
  static final Comparator<ServerContext> PREFERENCE =
      Comparator.comparing((ServerContext each) -> each.kind)
          .thenComparing(each -> each.key.namespace())
          .thenComparing(each -> each.key.secret());

  private final CertificateKey key;
  private final KeyKind kind;
  private final int bits;
  private final Instant notAfter;
  private final TlsVersion newest;
  private final boolean http2;
  private final TlsContext context;

  private ServerContext(
      CertificateKey key,
      KeyKind kind,
      int bits,
      Instant notAfter,
      TlsVersion newest,
      boolean http2,
      TlsContext context) {
    this.key = key;
    this.kind = kind;
    this.bits = bits;
    this.notAfter = notAfter;
    this.newest = newest;
    this.http2 = http2;
    this.context = context;
  }

  /**
   * Parses a certificate and makes its context, in about a millisecond.
   *
   * @param http2 whether HTTP/2 is offered
   * @throws UnusableTlsException if that can't be done; names the field
   */
  static ServerContext of(
      Certificate certificate, Settings.Tls settings, boolean http2, TlsLibrary library)
      throws UnusableTlsException {
    List<X509Certificate> chain =
        UnusableTlsException.in("chain", () -> Pem.chain(certificate.chain()));
    X509Certificate leaf = chain.getFirst();
    PublicKey publicKey = leaf.getPublicKey();
    KeyKind kind = UnusableTlsException.in("chain", () -> KeyKind.of(publicKey));
    PrivateKey privateKey =
        UnusableTlsException.in("privateKey", () -> Pem.key(certificate.privateKey(), leaf));
    int bits = publicKey instanceof ECPublicKey ec ? ec.getParams().getOrder().bitLength() : 0;
    return new ServerContext(
        certificate.key(),
        kind,
        bits,
        leaf.getNotAfter().toInstant(),
        settings.maxVersion(),
        http2,
        new TlsContext(context(chain, privateKey, settings, http2, library)));
  }

  private static SslContext context(
      List<X509Certificate> chain,
      PrivateKey key,
      Settings.Tls settings,
      boolean http2,
      TlsLibrary library)
      throws UnusableTlsException {
    library.prepareServers();
    try {
      SslContext context =
          SslContextBuilder.forServer(key, chain)
              .sslProvider(library.provider())
              // Clients have no certificates here; by default all of the system's would be loaded.
              .trustManager(NoTrust.INSTANCE)
              .protocols(protocols(settings.minVersion(), settings.maxVersion()))
              .ciphers(Parameters.ciphers(settings.ciphers()), SupportedCipherSuiteFilter.INSTANCE)
              .applicationProtocolConfig(http2 ? Parameters.HTTP_2 : Parameters.HTTP_1_1)
              .build();
      // Resumption is by the tickets of TLS 1.3 alone (see handler): nothing is kept per session.
      // Their keys are BoringSSL's own, made for this context, changed every other day, and never
      // written down. The JDK keeps one session at least.
      if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
        sessions.setSessionCacheEnabled(false);
      } else {
        context.sessionContext().setSessionCacheSize(1);
      }
      return context;
    } catch (SSLException | IllegalArgumentException e) {
      throw new UnusableTlsException("chain", "is not taken by the TLS library", e);
    }
  }

  /** All versions from one to another, as the library names them. */
  static List<String> protocols(TlsVersion min, TlsVersion max) {
    List<String> protocols = new ArrayList<>();
    for (TlsVersion version : TlsVersion.values()) {
      if (version.compareTo(min) >= 0 && version.compareTo(max) <= 0) {
        protocols.add(
            switch (version) {
              case TLS_1_2 -> Parameters.TLS_1_2;
              case TLS_1_3 -> Parameters.TLS_1_3;
            });
      }
    }
    return protocols;
  }

  CertificateKey key() {
    return key;
  }

  /** Until when clients take it. */
  Instant notAfter() {
    return notAfter;
  }

  /** Whether both know a protocol to speak over it. */
  boolean agrees(ClientHello hello) {
    return hello.http11() || (http2 && hello.http2());
  }

  /** Whether the client can verify it. */
  boolean suits(ClientHello hello) {
    return hello.verifies(kind, bits);
  }

  /**
   * A handler for one connection; null when the context has been let go.
   *
   * @param tls13 whether the client offers TLS 1.3
   */
  @Nullable SslHandler handler(ByteBufAllocator allocator, boolean tls13) {
    if (!context.retain()) {
      return null;
    }
    try {
      SslHandler handler = context.held().newHandler(allocator);
      // The whole of the handshake has a deadline of ours, without a task per connection.
      handler.setHandshakeTimeoutMillis(0);
      if (!tls13 || newest.compareTo(TlsVersion.TLS_1_3) < 0) {
        withoutTickets(handler);
      }
      return handler;
    } finally {
      context.release();
    }
  }

  /**
   * A ticket of TLS 1.2 holds the keys of the connection that it was issued on, so whoever gets
   * hold of the ticket keys reads it (RFC 9325 §4.4.4). Netty turns tickets on for every connection
   * of a context that speaks TLS 1.3.
   */
  private static void withoutTickets(SslHandler handler) {
    if (handler.engine() instanceof ReferenceCountedOpenSslEngine engine) {
      SSL.setOptions(engine.sslPointer(), SSL.SSL_OP_NO_TICKET);
    }
  }

  /** Lets the context go; open connections keep it until they end. Once. */
  void release() {
    context.release();
  }

  TlsContext context() {
    return context;
  }

  @Override
  public String toString() {
    return key + " (" + kind + ")";
  }
}
