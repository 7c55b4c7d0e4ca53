package dev.longshore.contract;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;

/**
 * Looks at the DER of a certificate (RFC 5280 §4.1) for the kind and size of its key, before
 * anything is computed with it: parsing a key of 16,384 bits is cheap, but a signature by it takes
 * seconds. Linear in the length, and allocates next to nothing.
 */
final class CertificateDer {
  private static final int INTEGER = 0x02;
  private static final int BIT_STRING = 0x03;
  private static final int OBJECT_IDENTIFIER = 0x06;
  private static final int SEQUENCE = 0x30;
  private static final int VERSION = 0xA0;
  private static final int UNCOMPRESSED_POINT = 0x04;
  private static final int SHORTEST_EXPONENT = 3;

  /** Longer ones BoringSSL refuses, and each bit of it costs who verifies. */
  private static final int LONGEST_EXPONENT_BITS = 32;

  private static final String TAKEN =
      "take RSA of %,d to %,d bits, ECDSA on P-256, P-384 or P-521, or Ed25519"
          .formatted(HardLimits.RSA_KEY_BITS_LEAST, HardLimits.RSA_KEY_BITS);

  private static final String RSA = "2a864886f70d010101";
  private static final String EC = "2a8648ce3d0201";
  private static final String ED25519 = "2b6570";

  /** Bytes of a coordinate by the object identifier of the curve (RFC 5480 §2.1.1.1). */
  private static final Map<String, Integer> CURVES =
      Map.of("2a8648ce3d030107", 32, "2b81040022", 48, "2b81040023", 66);

  /** Kinds of keys that people know by name. */
  private static final Map<String, String> OTHERS =
      Map.of(
          "2a8648ce380401", "DSA",
          "2a864886f70d01010a", "RSA-PSS",
          "2b6571", "Ed448",
          "2b656e", "X25519",
          "2b656f", "X448",
          "2a811ccf5501822d", "SM2");

  /** Signatures that both BoringSSL and the JDK can make something of. */
  private static final Map<String, String> SIGNATURES =
      Map.of(
          "2a864886f70d010105",
          "SHA-1 with RSA",
          "2a864886f70d01010b",
          "SHA-256 with RSA",
          "2a864886f70d01010c",
          "SHA-384 with RSA",
          "2a864886f70d01010d",
          "SHA-512 with RSA",
          "2a864886f70d01010a",
          "RSASSA-PSS",
          "2a8648ce3d0401",
          "ECDSA with SHA-1",
          "2a8648ce3d040302",
          "ECDSA with SHA-256",
          "2a8648ce3d040303",
          "ECDSA with SHA-384",
          "2a8648ce3d040304",
          "ECDSA with SHA-512",
          ED25519,
          "Ed25519");

  private final byte[] der;
  private int tag;
  private int start;
  private int end;

  private CertificateDer(byte[] der) {
    this.der = der;
  }

  /**
   * Checks the key.
   *
   * @param der one certificate, of a size that was checked
   * @throws IllegalArgumentException if its key, or the algorithm of its signature, is none that is
   *     taken; the message completes "a certificate …"
   */
  static void check(byte[] der) {
    CertificateDer reader = new CertificateDer(der);
    try {
      reader.certificate();
    } catch (IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("that can't be read: its DER is cut off or broken", e);
    }
  }

  private void certificate() {
    enter(0, der.length, SEQUENCE);
    int whole = end;
    enter(start, whole, SEQUENCE);
    int signed = end;
    read(start, signed);
    if (tag == VERSION) {
      read(end, signed);
    }
    require(INTEGER);
    // signature, issuer, validity, subject
    for (int i = 0; i < 4; i++) {
      enter(end, signed, SEQUENCE);
    }
    enter(end, signed, SEQUENCE);
    key(start, end);
    enter(signed, whole, SEQUENCE);
    enter(start, end, OBJECT_IDENTIFIER);
    if (!SIGNATURES.containsKey(identifier())) {
      throw new IllegalArgumentException(
          "is signed by an algorithm that can't be verified (object identifier "
              + identifier()
              + " in hex): have it signed with RSA or ECDSA and SHA-256, or Ed25519");
    }
  }

  private void key(int from, int to) {
    enter(from, to, SEQUENCE);
    int algorithmEnd = end;
    enter(start, algorithmEnd, OBJECT_IDENTIFIER);
    String algorithm = identifier();
    int parameters = end;
    enter(algorithmEnd, to, BIT_STRING);
    // The first octet says how many bits at the end are unused: none in a key.
    int bits = start + 1;
    int bitsEnd = end;
    switch (algorithm) {
      case RSA -> rsa(bits, bitsEnd);
      case EC -> ec(parameters, algorithmEnd, bits, bitsEnd);
      case ED25519 -> {}
      default ->
          throw new IllegalArgumentException(
              "has a key of the kind "
                  + OTHERS.getOrDefault(algorithm, "with object identifier " + algorithm)
                  + ": "
                  + TAKEN);
    }
  }

  /** RSAPublicKey of RFC 8017 appendix A.1.1. */
  private void rsa(int from, int to) {
    enter(from, to, SEQUENCE);
    int keyEnd = end;
    enter(start, keyEnd, INTEGER);
    int bits = bitLength();
    if (bits < HardLimits.RSA_KEY_BITS_LEAST || bits > HardLimits.RSA_KEY_BITS) {
      throw new IllegalArgumentException("has an RSA key of %,d bits: %s".formatted(bits, TAKEN));
    }
    enter(end, keyEnd, INTEGER);
    boolean odd = start < end && (der[end - 1] & 1) == 1;
    if (!odd
        || bitLength() > LONGEST_EXPONENT_BITS
        || new BigInteger(der, start, end - start).intValue() == 1
        || der[start] < 0) {
      throw new IllegalArgumentException(
          "has an RSA key whose public exponent is not an odd number from "
              + SHORTEST_EXPONENT
              + " to 2^32: make the key with 65537");
    }
  }

  private void ec(int parameters, int parametersEnd, int from, int to) {
    read(parameters, parametersEnd);
    if (tag != OBJECT_IDENTIFIER) {
      throw new IllegalArgumentException(
          "has an EC key with parameters of its own instead of a named curve: " + TAKEN);
    }
    Integer bytes = CURVES.get(identifier());
    if (bytes == null) {
      throw new IllegalArgumentException("has an EC key on another curve: " + TAKEN);
    }
    if (to - from != 1 + 2 * bytes || der[from] != UNCOMPRESSED_POINT) {
      throw new IllegalArgumentException(
          "has an EC key whose point is not written uncompressed (RFC 5480 section 2.2)");
    }
  }

  /** Of the positive integer that was entered. */
  private int bitLength() {
    int from = start;
    while (from < end && der[from] == 0) {
      from++;
    }
    return from == end
        ? 0
        : (end - from) * 8 - (Integer.numberOfLeadingZeros(der[from] & 0xff) - 24);
  }

  private String identifier() {
    // Those that are known have at most nine octets; of others enough is shown.
    return HexFormat.of().formatHex(Arrays.copyOfRange(der, start, Math.min(end, start + 16)));
  }

  private void enter(int at, int limit, int expected) {
    read(at, limit);
    require(expected);
  }

  private void require(int expected) {
    if (tag != expected) {
      throw new IllegalArgumentException("that can't be read: its DER is not that of X.509");
    }
  }

  /** Reads tag and length at a place (X.690 §8.1); what is within must end before the limit. */
  private void read(int at, int limit) {
    if (at + 2 > limit) {
      throw new IndexOutOfBoundsException(at);
    }
    tag = der[at] & 0xff;
    int length = der[at + 1] & 0xff;
    int from = at + 2;
    if (length >= 0x80) {
      int octets = length & 0x7f;
      if (octets == 0 || octets > 3 || from + octets > limit) {
        throw new IndexOutOfBoundsException(at);
      }
      length = 0;
      for (int i = 0; i < octets; i++) {
        length = length << 8 | der[from++] & 0xff;
      }
    }
    if (length > limit - from) {
      throw new IndexOutOfBoundsException(at);
    }
    start = from;
    end = from + length;
  }
}
