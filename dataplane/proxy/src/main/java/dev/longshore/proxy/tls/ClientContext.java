package dev.longshore.proxy.tls;

import dev.longshore.contract.UpstreamCredentials;
import dev.longshore.contract.UpstreamTls.ClientCertificate;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.ReferenceCountUtil;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * TLS to endpoints, shared by all pools that trust and present the same. The endpoint's certificate
 * is always verified, and its name but for probes that have none to ask for. Any thread may use it.
 */
public final class ClientContext {
  /** Sessions that are kept for resumption, by name and port. */
  private static final int SESSIONS = 512;

  private final TlsContext context;
  private final @Nullable TlsContext http2;

  private ClientContext(TlsContext context, @Nullable TlsContext http2) {
    this.context = context;
    this.http2 = http2;
  }

  /**
   * One whose connections speak HTTP/1.1, see {@link #of(UpstreamCredentials, boolean,
   * TlsLibrary)}.
   */
  static ClientContext of(UpstreamCredentials config, TlsLibrary library)
      throws UnusableTlsException {
    return of(config, false, library);
  }

  /**
   * Makes one.
   *
   * @param http2 whether there are connections that speak HTTP/2, beside those of WebSockets, which
   *     do not
   * @throws UnusableTlsException if certificates or key can't be used; names the field
   */
  static ClientContext of(UpstreamCredentials config, boolean http2, TlsLibrary library)
      throws UnusableTlsException {
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            .sslProvider(library.provider())
            .protocols(Parameters.TLS_1_3, Parameters.TLS_1_2)
            .ciphers(Parameters.ciphers(List.of()), SupportedCipherSuiteFilter.INSTANCE)
            .applicationProtocolConfig(Parameters.HTTP_1_1)
            .endpointIdentificationAlgorithm("HTTPS")
            .sessionCacheSize(SESSIONS);
    String trusted = config.trustedCertificates();
    builder.trustManager(trusted == null ? SystemTrust.get() : trusting(trusted));
    ClientCertificate own = config.clientCertificate();
    if (own != null) {
      List<X509Certificate> chain =
          UnusableTlsException.in("clientCertificate.chain", () -> Pem.chain(own.chain()));
      PrivateKey key =
          UnusableTlsException.in(
              "clientCertificate.privateKey", () -> Pem.key(own.privateKey(), chain.getFirst()));
      builder.keyManager(key, chain);
    }
    try {
      SslContext http1 = builder.build();
      try {
        return new ClientContext(
            new TlsContext(http1),
            http2
                ? new TlsContext(builder.applicationProtocolConfig(Parameters.HTTP_2_ALONE).build())
                : null);
      } catch (SSLException | RuntimeException | Error e) {
        // Outside the heap nobody else lets go of it.
        ReferenceCountUtil.release(http1);
        throw e;
      }
    } catch (SSLException | IllegalArgumentException e) {
      throw new UnusableTlsException("trustedCertificates", "is not taken by the TLS library", e);
    }
  }

  private static EndpointTrust trusting(String pem) throws UnusableTlsException {
    List<X509Certificate> trusted =
        UnusableTlsException.in("trustedCertificates", () -> Pem.trusted(pem));
    try {
      return EndpointTrust.of(trusted);
    } catch (GeneralSecurityException e) {
      throw new UnusableTlsException("trustedCertificates", "can't be trusted", e);
    }
  }

  /** Holds it until {@link #release}, so that it can be used; false when it is gone. */
  public boolean retain() {
    if (!context.retain()) {
      return false;
    }
    // Both are held, and let go, together.
    if (http2 != null && !http2.retain()) {
      context.release();
      return false;
    }
    return true;
  }

  /** Whether connections can be made that speak HTTP/2. */
  public boolean speaksHttp2() {
    return http2 != null;
  }

  /** Once per {@link #retain}. */
  public void release() {
    context.release();
    if (http2 != null) {
      http2.release();
    }
  }

  /** A handler for one connection that is to speak HTTP/2, which it offers alone. */
  SslHandler http2Handler(ByteBufAllocator allocator, String name, int port) {
    TlsContext alone = Objects.requireNonNull(http2, "HTTP/2 is not offered");
    return untimed(alone.held().newHandler(allocator, name, port));
  }

  /** A handler for one connection, while this is held. */
  SslHandler handler(ByteBufAllocator allocator, String name, int port) {
    return untimed(context.held().newHandler(allocator, name, port));
  }

  /** One that takes a certificate for any name, if it is trusted, and asks for none. */
  SslHandler handler(ByteBufAllocator allocator) {
    SslHandler handler = context.held().newHandler(allocator);
    SSLParameters parameters = handler.engine().getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("");
    handler.engine().setSSLParameters(parameters);
    return untimed(handler);
  }

  /** The connect time-out is for both, TCP and TLS. */
  private static SslHandler untimed(SslHandler handler) {
    handler.setHandshakeTimeoutMillis(0);
    return handler;
  }

  TlsContext context() {
    return context;
  }
}
