package dev.longshore.proxy.tls;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who does the cryptography. */
public enum TlsLibrary {
  /** BoringSSL by netty-tcnative, with contexts that are counted and released by hand. */
  BORING_SSL(SslProvider.OPENSSL_REFCNT),
  /** The JDK's own: everywhere, and several times slower. */
  JDK(SslProvider.JDK);

  private static final Logger LOG = LoggerFactory.getLogger(TlsLibrary.class);

  private final SslProvider provider;

  TlsLibrary(SslProvider provider) {
    this.provider = provider;
  }

  /**
   * BoringSSL where it can be loaded, else the JDK. Says which once; {@code
   * -Dio.netty.handler.ssl.noOpenSsl=true} chooses the JDK.
   */
  public static TlsLibrary best() {
    return Best.LIBRARY;
  }

  SslProvider provider() {
    return provider;
  }

  /**
   * Has to be called before a server's context is made. BoringSSL's servers never renegotiate
   * (CVE-2011-1473), and are told about tickets one by one; the JDK has properties for all.
   */
  void prepareServers() {
    if (this == JDK) {
      System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
      // No tickets of TLS 1.2, nor stateless ones of 1.3.
      System.setProperty("jdk.tls.server.enableSessionTicketExtension", "false");
    }
  }

  /** Loaded with the first certificate, for a data plane without TLS needs neither. */
  private static final class Best {
    static final TlsLibrary LIBRARY = find();

    private static TlsLibrary find() {
      if (OpenSsl.isAvailable()) {
        LOG.info("TLS by {}", OpenSsl.versionString());
        return BORING_SSL;
      }
      LOG.warn(
          "TLS by the JDK, which is slower, because BoringSSL can't be loaded: {}",
          String.valueOf(OpenSsl.unavailabilityCause()));
      return JDK;
    }
  }
}
