package dev.longshore.operator.translate.secret;

import dev.longshore.contract.HardLimits;
import dev.longshore.contract.PemCertificates;
import dev.longshore.contract.PrivateKeys;
import dev.longshore.operator.translate.verdict.Quote;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Secret;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * Reads certificates: of Secrets of type {@code kubernetes.io/tls} chain and key, checked to belong
 * together, and of ConfigMaps and Secrets those to trust. All are parsed and written anew, so that
 * nothing else gets through.
 */
public final class TlsSecrets {
  /** The type of Secrets that hold a certificate and its key (Kubernetes' own). */
  public static final String TYPE = "kubernetes.io/tls";

  private static final int LARGEST = 128 * 1024;
  private static final String CA = "ca.crt";
  private static final int MOST_TRUSTED = 64;
  private static final Pattern KEY =
      Pattern.compile(
          "-----BEGIN (|RSA |EC )PRIVATE KEY-----([A-Za-z0-9+/=\\s]{1,40000})-----END \\1PRIVATE"
              + " KEY-----");

  private TlsSecrets() {}

  /**
   * A chain with its key.
   *
   * @param chain PEM, leaf first
   * @param privateKey PEM, PKCS #8
   * @param names the DNS names and addresses of the leaf's subjectAltName
   * @param kind of the leaf's key, such as {@code EC}
   * @param notAfter until when the leaf is valid
   */
  public record KeyPair(
      String chain,
      dev.longshore.contract.Secret privateKey,
      List<String> names,
      String kind,
      Instant notAfter) {}

  /**
   * The chain and key of a Secret.
   *
   * @throws IllegalArgumentException if they can't be used; the message has nothing of the key
   */
  static KeyPair read(Secret secret) {
    if (!TYPE.equals(secret.getType())) {
      throw new IllegalArgumentException(
          "is of type " + Quote.of(secret.getType()) + ": write type: " + TYPE);
    }
    List<X509Certificate> chain =
        chain(entry(secret, "tls.crt"), "tls.crt", HardLimits.CHAIN_CERTIFICATES);
    X509Certificate leaf = chain.getFirst();
    PrivateKey key = key(new String(entry(secret, "tls.key"), StandardCharsets.ISO_8859_1), leaf);
    return new KeyPair(
        String.join("", pem(chain, "tls.crt")),
        new dev.longshore.contract.Secret(pem("PRIVATE KEY", key.getEncoded())),
        names(leaf),
        leaf.getPublicKey().getAlgorithm(),
        leaf.getNotAfter().toInstant());
  }

  /**
   * The certificates to trust of a Secret, of any type.
   *
   * @throws IllegalArgumentException if they can't be used
   */
  static List<TrustedCertificate> trusted(Secret secret) {
    return trusted(entry(secret, CA));
  }

  /**
   * The certificates to trust of a ConfigMap.
   *
   * @throws IllegalArgumentException if they can't be used
   */
  static List<TrustedCertificate> trusted(ConfigMap map) {
    String text = map.getData() == null ? null : map.getData().get(CA);
    if (text == null || text.isEmpty()) {
      throw new IllegalArgumentException("has no " + CA);
    }
    return trusted(bounded(CA, text.getBytes(StandardCharsets.UTF_8)));
  }

  private static List<TrustedCertificate> trusted(byte[] pem) {
    List<X509Certificate> certificates = chain(pem, CA, MOST_TRUSTED);
    List<String> written = pem(certificates, CA);
    List<TrustedCertificate> trusted = new ArrayList<>();
    for (int i = 0; i < written.size(); i++) {
      String subject =
          certificates.get(i).getSubjectX500Principal().getName(X500Principal.CANONICAL);
      trusted.add(new TrustedCertificate(written.get(i), subject));
    }
    return List.copyOf(trusted);
  }

  private static List<String> pem(List<X509Certificate> certificates, String name) {
    List<String> pem = new ArrayList<>();
    try {
      for (X509Certificate certificate : certificates) {
        pem.add(pem("CERTIFICATE", certificate.getEncoded()));
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException(name + " can't be read: " + e.getMessage(), e);
    }
    return List.copyOf(pem);
  }

  private static byte[] entry(Secret secret, String name) {
    // stringData goes over data, as the API server has it; a folder's manifests may have both.
    if (secret.getStringData() != null && secret.getStringData().get(name) != null) {
      return bounded(name, secret.getStringData().get(name).getBytes(StandardCharsets.UTF_8));
    }
    String data = secret.getData() == null ? null : secret.getData().get(name);
    if (data == null || data.isEmpty()) {
      throw new IllegalArgumentException("has no " + name);
    }
    try {
      return bounded(name, Base64.getMimeDecoder().decode(data));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name + " is not base64", e);
    }
  }

  private static byte[] bounded(String name, byte[] bytes) {
    if (bytes.length > LARGEST) {
      throw new IllegalArgumentException(
          name + " has " + bytes.length + " bytes: at most " + LARGEST);
    }
    return bytes;
  }

  private static List<X509Certificate> chain(byte[] pem, String name, int longest) {
    try {
      return PemCertificates.read(new String(pem, StandardCharsets.ISO_8859_1), longest);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name + " " + e.getMessage(), e);
    }
  }

  private static PrivateKey key(String pem, X509Certificate leaf) {
    Matcher matcher = KEY.matcher(pem);
    if (!matcher.find()) {
      throw new IllegalArgumentException(
          "tls.key has no key in PEM (BEGIN PRIVATE KEY, BEGIN RSA PRIVATE KEY or BEGIN EC PRIVATE"
              + " KEY, without a password)");
    }
    PublicKey publicKey = leaf.getPublicKey();
    try {
      byte[] der = Base64.getMimeDecoder().decode(matcher.group(2));
      byte[] pkcs8 = matcher.group(1).isEmpty() ? der : Der.pkcs8(der, publicKey);
      return PrivateKeys.read(pkcs8, publicKey);
    } catch (IllegalArgumentException e) {
      // Neither its cause nor what base64 says: they may quote the key.
      throw new IllegalArgumentException(
          "tls.key "
              + (String.valueOf(e.getMessage()).startsWith("is not the key")
                  ? "is not the key of the first certificate in tls.crt"
                  : "can't be read as a key of the certificate's kind ("
                      + publicKey.getAlgorithm()
                      + ")"));
    }
  }

  private static List<String> names(X509Certificate leaf) {
    List<String> names = new ArrayList<>();
    try {
      @Nullable Collection<List<?>> alternatives = leaf.getSubjectAlternativeNames();
      if (alternatives != null) {
        for (List<?> alternative : alternatives) {
          // GeneralName (RFC 5280 §4.2.1.6): 2 is a DNS name, 7 an address.
          if (alternative.get(0) instanceof Integer type
              && (type == 2 || type == 7)
              && alternative.get(1) instanceof String name) {
            names.add(name);
          }
        }
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("tls.crt has a subjectAltName that can't be read", e);
    }
    return List.copyOf(names);
  }

  private static String pem(String label, byte[] der) {
    return "-----BEGIN "
        + label
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END "
        + label
        + "-----\n";
  }

  /** As much of DER (X.690) as it takes to wrap an old-style key. */
  private static final class Der {
    private static final int SEQUENCE = 0x30;

    /** PKCS #8 (RFC 5208) around a PKCS #1 or SEC 1 key; the algorithm is the public key's. */
    static byte[] pkcs8(byte[] key, PublicKey publicKey) {
      byte[] algorithm = firstElement(publicKey.getEncoded());
      byte[] version = {2, 1, 0};
      return element(SEQUENCE, version, algorithm, element(4, key));
    }

    /** The first element within a sequence, with its header. */
    private static byte[] firstElement(byte[] sequence) {
      int start = headerLength(sequence, 0);
      int length = headerLength(sequence, start) + contentLength(sequence, start);
      byte[] first = new byte[length];
      System.arraycopy(sequence, start, first, 0, length);
      return first;
    }

    private static int headerLength(byte[] der, int at) {
      int length = der[at + 1] & 0xff;
      return length < 0x80 ? 2 : 2 + (length & 0x7f);
    }

    private static int contentLength(byte[] der, int at) {
      int length = der[at + 1] & 0xff;
      if (length < 0x80) {
        return length;
      }
      int sum = 0;
      for (int i = 0; i < (length & 0x7f); i++) {
        sum = sum << 8 | der[at + 2 + i] & 0xff;
      }
      return sum;
    }

    private static byte[] element(int tag, byte[]... contents) {
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      for (byte[] content : contents) {
        body.writeBytes(content);
      }
      ByteArrayOutputStream der = new ByteArrayOutputStream();
      der.write(tag);
      int length = body.size();
      if (length < 0x80) {
        der.write(length);
      } else {
        int bytes = length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
        der.write(0x80 | bytes);
        for (int i = bytes - 1; i >= 0; i--) {
          der.write(length >>> (8 * i));
        }
      }
      der.writeBytes(body.toByteArray());
      return der.toByteArray();
    }
  }
}
