package dev.longshore.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.Base64;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is taken and what not is decided by numbers alone, so these certificates sign nothing. */
class PemCertificatesTest {
  private static final String RSA = "2a864886f70d010101";
  private static final String EC = "2a8648ce3d0201";
  private static final String P256 = "2a8648ce3d030107";
  private static final String SHA_256_WITH_RSA = "2a864886f70d01010b";

  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of("RSA key of 16,384 bits", certificate(rsa(16_384, 65_537))),
        Arguments.of("RSA key of 4,097 bits", certificate(rsa(4097, 65_537))),
        Arguments.of("RSA key of 1,024 bits", certificate(rsa(1024, 65_537))),
        Arguments.of("public exponent", certificate(rsa(2048, 65_536))),
        Arguments.of("public exponent", certificate(rsa(2048, 1))),
        Arguments.of("public exponent", certificate(rsa(2048, (1L << 32) + 1))),
        Arguments.of("kind RSA-PSS", certificate(key("2a864886f70d01010a", none(), new byte[64]))),
        Arguments.of("kind DSA", certificate(key("2a8648ce380401", none(), new byte[64]))),
        Arguments.of("kind Ed448", certificate(key("2b6571", none(), new byte[57]))),
        Arguments.of("object identifier 2a03", certificate(key("2a03", none(), new byte[57]))),
        Arguments.of("on another curve", certificate(key(EC, oid("2b8104000a"), point(32)))),
        Arguments.of(
            "parameters of its own",
            certificate(key(EC, element(0x30, new byte[] {2, 1, 1}), point(32)))),
        Arguments.of("uncompressed", certificate(key(EC, oid(P256), new byte[33]))),
        Arguments.of("uncompressed", certificate(key(EC, oid(P256), point(48)))),
        Arguments.of(
            "signed by an algorithm that can't be verified",
            certificate(rsa(2048, 65_537), "2a864886f70d010104")),
        Arguments.of("that can't be read", pem(new byte[] {0x30, (byte) 0x84, 1, 1, 1, 1, 1})),
        Arguments.of("that can't be read", pem(new byte[] {0x30, 2, 0x30, 5})),
        Arguments.of("at most 16,384", pem(new byte[HardLimits.CERTIFICATE_BYTES + 1])),
        Arguments.of(
            "not a CERTIFICATE", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"),
        Arguments.of("without its end", "-----BEGIN CERTIFICATE-----\nAAAA"),
        Arguments.of("no certificate in PEM", "hello"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void namesWhatIsWrong(String problem, String pem) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PemCertificates.read(pem, 10))
        .withMessageContaining(problem);
  }

  @Test
  void aBadOneAmongGoodOnesIsNamedByItsPlace() {
    String good = certificate(rsa(2048, 65_537));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PemCertificates.read(good + certificate(rsa(8192, 65_537)) + good, 10))
        .withMessageContaining("number 2, that has an RSA key of 8,192 bits: take RSA of 2,048");
  }

  @Test
  void noMoreThanAllowedAreLookedAt() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PemCertificates.read(pem(new byte[9]).repeat(100_000), 10))
        .withMessageContaining("more than 10");
  }

  @ParameterizedTest
  @ValueSource(ints = {2048, 3072, 4096})
  void takesWhatTheLibrariesServe(int bits) {
    assertThatCode(() -> CertificateDer.check(der(rsa(bits, 65_537), SHA_256_WITH_RSA)))
        .doesNotThrowAnyException();
    assertThatCode(() -> CertificateDer.check(der(rsa(bits, 3), SHA_256_WITH_RSA)))
        .doesNotThrowAnyException();
    assertThatCode(() -> CertificateDer.check(der(key(EC, oid(P256), point(32)), SHA_256_WITH_RSA)))
        .doesNotThrowAnyException();
  }

  /** Whatever the bytes, nothing but the exception that callers know. */
  @Test
  void brokenBytesAreNeverMoreThanRefused() {
    byte[] whole = der(rsa(2048, 65_537), SHA_256_WITH_RSA);
    int refused = 0;
    for (int at = 0; at < whole.length; at++) {
      for (int value : new int[] {0, 0x7f, 0x80, 0x84, 0xff}) {
        byte[] broken = whole.clone();
        broken[at] = (byte) value;
        try {
          CertificateDer.check(broken);
        } catch (IllegalArgumentException e) {
          refused++;
        }
      }
    }
    assertThat(refused).isPositive();
  }

  private static String certificate(byte[] key) {
    return certificate(key, SHA_256_WITH_RSA);
  }

  private static String certificate(byte[] key, String signature) {
    return pem(der(key, signature));
  }

  private static byte[] der(byte[] key, String signature) {
    byte[] algorithm = element(0x30, oid(signature), none());
    byte[] empty = element(0x30);
    byte[] signed =
        element(
            0x30,
            element(0xA0, new byte[] {2, 1, 2}),
            new byte[] {2, 1, 1},
            algorithm,
            empty,
            empty,
            empty,
            key);
    return element(0x30, signed, algorithm, element(3, new byte[] {0, 1}));
  }

  private static byte[] rsa(int bits, long exponent) {
    byte[] modulus = BigInteger.ONE.shiftLeft(bits - 1).add(BigInteger.ONE).toByteArray();
    byte[] numbers =
        element(0x30, element(2, modulus), element(2, BigInteger.valueOf(exponent).toByteArray()));
    return key(RSA, none(), numbers);
  }

  private static byte[] key(String algorithm, byte[] parameters, byte[] bits) {
    return element(
        0x30, element(0x30, oid(algorithm), parameters), element(3, new byte[] {0}, bits));
  }

  private static byte[] point(int coordinate) {
    byte[] point = new byte[1 + 2 * coordinate];
    point[0] = 4;
    return point;
  }

  private static byte[] none() {
    return new byte[] {5, 0};
  }

  private static byte[] oid(String hex) {
    return element(6, HexFormat.of().parseHex(hex));
  }

  private static byte[] element(int tag, byte[]... contents) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (byte[] content : contents) {
      body.writeBytes(content);
    }
    ByteArrayOutputStream der = new ByteArrayOutputStream();
    der.write(tag);
    int length = body.size();
    if (length >= 0x80) {
      der.write(0x82);
      der.write(length >> 8);
    }
    der.write(length);
    der.writeBytes(body.toByteArray());
    return der.toByteArray();
  }

  private static String pem(byte[] der) {
    return "-----BEGIN CERTIFICATE-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END CERTIFICATE-----\n";
  }
}
