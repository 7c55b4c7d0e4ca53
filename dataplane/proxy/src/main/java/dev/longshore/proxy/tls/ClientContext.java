package dev.longshore.proxy.tls;

import dev.longshore.contract.UpstreamCredentials;
import dev.longshore.contract.UpstreamTls.ClientCertificate;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/**
 * TLS to endpoints, shared by all pools that trust and present the same. The endpoint's certificate
 * is always verified, and its name but for probes that have none to ask for. Any thread may use it.
 */
public final class ClientContext {
  /** Sessions that are kept for resumption, by name and port. */
  private static final int SESSIONS = 512;

  private final TlsContext context;

  private ClientContext(TlsContext context) {
    this.context = context;
  }

  /**
   * Makes one.
   *
   * @throws UnusableTlsException if certificates or key can't be used; names the field
   */
  static ClientContext of(UpstreamCredentials config, TlsLibrary library)
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
      return new ClientContext(new TlsContext(builder.build()));
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
    return context.retain();
  }

  /** Once per {@link #retain}. */
  public void release() {
    context.release();
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
