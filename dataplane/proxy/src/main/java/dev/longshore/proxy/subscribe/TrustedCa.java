package dev.longshore.proxy.subscribe;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * The authorities that an operator's certificate has to come from, read from a file that the
 * operator's CA bundle is mounted as. It is read for every connection, and what was made of it is
 * kept until it changes. For one thread at a time.
 */
final class TrustedCa {
  private static final int MAX_BYTES = 1 << 20;

  private final Path file;
  private byte @Nullable [] known;
  private @Nullable SslContext context;

  TrustedCa(Path file) {
    this.file = file;
  }

  /**
   * TLS 1.2 or 1.3 that trusts these authorities alone and verifies the server's name.
   *
   * @throws IOException if the file holds no certificates; the message names it
   */
  SslContext context() throws IOException {
    byte[] bundle = read();
    SslContext present = context;
    if (present != null && Arrays.equals(bundle, known)) {
      return present;
    }
    SslContext made =
        SslContextBuilder.forClient()
            // Not what traffic is served with: nothing here is worth native memory.
            .sslProvider(SslProvider.JDK)
            .protocols("TLSv1.3", "TLSv1.2")
            .endpointIdentificationAlgorithm("HTTPS")
            .trustManager(certificates(bundle))
            .build();
    known = bundle;
    context = made;
    return made;
  }

  private byte[] read() throws IOException {
    byte[] bundle;
    try (InputStream in = Files.newInputStream(file)) {
      bundle = in.readNBytes(MAX_BYTES + 1);
    } catch (NoSuchFileException e) {
      throw new IOException(
          "there is no CA bundle "
              + file
              + " (--operator-ca); the operator writes it to the ConfigMap longshore-operator-ca",
          e);
    } catch (IOException e) {
      throw new IOException("the CA bundle " + file + " can't be read: " + e.getMessage(), e);
    }
    if (bundle.length > MAX_BYTES) {
      throw new IOException("the CA bundle " + file + " is longer than " + MAX_BYTES + " bytes");
    }
    return bundle;
  }

  private X509Certificate[] certificates(byte[] bundle) throws IOException {
    try {
      Collection<? extends java.security.cert.Certificate> certificates =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(bundle));
      if (certificates.isEmpty()) {
        throw new IOException("the CA bundle " + file + " has no certificate in it");
      }
      return certificates.toArray(X509Certificate[]::new);
    } catch (GeneralSecurityException e) {
      throw new IOException(
          "the CA bundle " + file + " is not a list of PEM certificates: " + e.getMessage(), e);
    }
  }
}
