package dev.longshore.operator.pki;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate authority for the push channel alone: its key, and its certificate that data planes
 * trust. Keys are ECDSA P-256.
 *
 * @param key never shown
 * @param certificate self-signed
 */
record Authority(PrivateKey key, X509Certificate certificate) {
  /** Certificates are valid from this long before they are made, for clocks that are behind. */
  static final Duration SKEW = Duration.ofHours(1);

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final String SIGNATURE = "SHA256withECDSA";

  /** Makes one. */
  static Authority create(Instant now, Duration lifetime) {
    try {
      KeyPair pair = newKey();
      X500Principal name = new X500Principal("CN=Longshore operator CA " + now.getEpochSecond());
      JcaX509v3CertificateBuilder builder =
          builder(name, pair.getPublic(), name, now, now.plus(lifetime));
      builder
          .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
          .addExtension(
              Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
          .addExtension(
              Extension.subjectKeyIdentifier,
              false,
              new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
      return new Authority(pair.getPrivate(), sign(builder, pair.getPrivate()));
    } catch (GeneralSecurityException | CertIOException | OperatorCreationException e) {
      throw new IllegalStateException("every Java platform makes ECDSA certificates", e);
    }
  }

  /**
   * Makes a key and a certificate for a server.
   *
   * @param names DNS names, at least one
   * @param lifetime cut so that it ends before the authority does
   */
  ServerIdentity issue(List<String> names, Instant now, Duration lifetime) {
    try {
      KeyPair pair = newKey();
      Instant end = now.plus(lifetime);
      JcaX509v3CertificateBuilder builder =
          builder(
              certificate.getSubjectX500Principal(),
              pair.getPublic(),
              new X500Principal("CN=longshore-operator"),
              now,
              end.isBefore(notAfter()) ? end : notAfter());
      JcaX509ExtensionUtils utils = new JcaX509ExtensionUtils();
      builder
          .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
          .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
          .addExtension(
              Extension.extendedKeyUsage,
              false,
              new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
          .addExtension(
              Extension.authorityKeyIdentifier,
              false,
              utils.createAuthorityKeyIdentifier(certificate))
          .addExtension(
              Extension.subjectAlternativeName,
              false,
              new GeneralNames(
                  names.stream()
                      .map(name -> new GeneralName(GeneralName.dNSName, name))
                      .toArray(GeneralName[]::new)));
      return new ServerIdentity(pair.getPrivate(), List.of(sign(builder, key), certificate));
    } catch (GeneralSecurityException | CertIOException | OperatorCreationException e) {
      throw new IllegalStateException("every Java platform makes ECDSA certificates", e);
    }
  }

  /**
   * Reads one that was stored.
   *
   * @throws GeneralSecurityException if it is none; the message does not repeat the key
   */
  static Authority read(String certificate, String key) throws GeneralSecurityException {
    Authority authority =
        new Authority(AuthorityPem.key(key), AuthorityPem.certificate(certificate));
    if (authority.certificate.getBasicConstraints() < 0) {
      throw new GeneralSecurityException("its certificate is not that of an authority");
    }
    Signature signature = Signature.getInstance(SIGNATURE);
    byte[] probe = new byte[32];
    RANDOM.nextBytes(probe);
    signature.initSign(authority.key);
    signature.update(probe);
    byte[] signed = signature.sign();
    signature.initVerify(authority.certificate.getPublicKey());
    signature.update(probe);
    if (!signature.verify(signed)) {
      throw new GeneralSecurityException("its key is not that of its certificate");
    }
    return authority;
  }

  /** When it was made. */
  Instant created() {
    return certificate.getNotBefore().toInstant().plus(SKEW);
  }

  /** When it ends. */
  Instant notAfter() {
    return certificate.getNotAfter().toInstant();
  }

  /** Who and until when. */
  @Override
  public String toString() {
    return certificate.getSubjectX500Principal() + " until " + notAfter();
  }

  private static KeyPair newKey() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
    return generator.generateKeyPair();
  }

  private static JcaX509v3CertificateBuilder builder(
      X500Principal issuer, PublicKey key, X500Principal subject, Instant now, Instant end) {
    // 127 random bits (CA/Browser Forum BR 7.1 asks for 64).
    BigInteger serial = new BigInteger(127, RANDOM).setBit(0);
    return new JcaX509v3CertificateBuilder(
        issuer, serial, Date.from(now.minus(SKEW)), Date.from(end), subject, key);
  }

  private static X509Certificate sign(JcaX509v3CertificateBuilder builder, PrivateKey key)
      throws GeneralSecurityException, OperatorCreationException {
    return new JcaX509CertificateConverter()
        .getCertificate(builder.build(new JcaContentSignerBuilder(SIGNATURE).build(key)));
  }
}
