package dev.longshore.contract;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.KeySpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPrivateCrtKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Reads the private key of a certificate that {@link PemCertificates} took, the same way in
 * operator and data plane. What is thrown says nothing of the key.
 */
public final class PrivateKeys {
  private PrivateKeys() {}

  /**
   * The key, which is that of the certificate. Costs one signature of a key of the certificate's
   * size, whatever numbers the private key has.
   *
   * @param pkcs8 DER, of a length that was checked
   * @throws IllegalArgumentException if it can't be read or is another's; the message begins with a
   *     verb
   */
  public static PrivateKey read(byte[] pkcs8, PublicKey publicKey) {
    String algorithm = publicKey.getAlgorithm();
    @Nullable PrivateKey key;
    try {
      KeyFactory factory = KeyFactory.getInstance(algorithm);
      PrivateKey parsed = factory.generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
      key = matches(parsed, publicKey) ? factory.generatePrivate(numbers(parsed)) : null;
    } catch (GeneralSecurityException | RuntimeException e) {
      // Without the cause: its message may quote the key.
      throw new IllegalArgumentException(
          "can't be read as a key of the certificate's kind (" + algorithm + ")");
    }
    if (key == null || !belongTogether(key, publicKey)) {
      throw new IllegalArgumentException("is not the key of the first certificate");
    }
    return key;
  }

  /** Before anything is computed, for these numbers say what that costs. */
  private static boolean matches(PrivateKey key, PublicKey publicKey) {
    return switch (publicKey) {
      case RSAPublicKey rsa -> key instanceof RSAPrivateCrtKey own && matches(own, rsa);
      case ECPublicKey ec ->
          key instanceof ECPrivateKey own
              && own.getParams().getCurve().equals(ec.getParams().getCurve())
              && own.getParams().getOrder().equals(ec.getParams().getOrder());
      default -> true;
    };
  }

  /** What BoringSSL asks of a key, and the JDK does not: all numbers are those of one key. */
  private static boolean matches(RSAPrivateCrtKey key, RSAPublicKey publicKey) {
    BigInteger n = publicKey.getModulus();
    BigInteger e = publicKey.getPublicExponent();
    BigInteger d = key.getPrivateExponent();
    BigInteger p = key.getPrimeP();
    BigInteger q = key.getPrimeQ();
    return n.testBit(0)
        && n.equals(key.getModulus())
        && e.equals(key.getPublicExponent())
        && within(p, n)
        && within(q, n)
        && p.multiply(q).equals(n)
        && within(d, n)
        && exponent(key.getPrimeExponentP(), d, e, p)
        && exponent(key.getPrimeExponentQ(), d, e, q)
        && within(key.getCrtCoefficient(), p)
        && key.getCrtCoefficient().multiply(q).mod(p).equals(BigInteger.ONE);
  }

  private static boolean exponent(
      BigInteger exponent, BigInteger d, BigInteger e, BigInteger prime) {
    BigInteger order = prime.subtract(BigInteger.ONE);
    return exponent.equals(d.mod(order)) && d.multiply(e).mod(order).equals(BigInteger.ONE);
  }

  private static boolean within(BigInteger number, BigInteger bound) {
    return number.compareTo(BigInteger.ONE) > 0 && number.compareTo(bound) < 0;
  }

  /** The key without whatever else its encoding had, such as a public key that is another's. */
  private static KeySpec numbers(PrivateKey key) {
    return switch (key) {
      case RSAPrivateCrtKey rsa ->
          new RSAPrivateCrtKeySpec(
              rsa.getModulus(),
              rsa.getPublicExponent(),
              rsa.getPrivateExponent(),
              rsa.getPrimeP(),
              rsa.getPrimeQ(),
              rsa.getPrimeExponentP(),
              rsa.getPrimeExponentQ(),
              rsa.getCrtCoefficient());
      case ECPrivateKey ec -> new ECPrivateKeySpec(ec.getS(), ec.getParams());
      case EdECPrivateKey ed -> new EdECPrivateKeySpec(ed.getParams(), ed.getBytes().orElseThrow());
      default -> throw new IllegalArgumentException("a key of another kind");
    };
  }

  private static boolean belongTogether(PrivateKey key, PublicKey publicKey) {
    String algorithm =
        switch (publicKey.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> "EdDSA";
        };
    byte[] proof = "Do they belong together?".getBytes(StandardCharsets.US_ASCII);
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(proof);
      byte[] signed = signature.sign();
      signature.initVerify(publicKey);
      signature.update(proof);
      return signature.verify(signed);
    } catch (GeneralSecurityException | RuntimeException e) {
      // Numbers that are none of a key make the arithmetic itself fail.
      return false;
    }
  }
}
