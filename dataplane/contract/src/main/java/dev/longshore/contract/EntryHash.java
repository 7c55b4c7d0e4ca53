package dev.longshore.contract;

import java.math.BigInteger;
import java.util.HexFormat;

/**
 * The SHA-256 of the kind and the canonical form of one entry.
 *
 * @param value as an unsigned number
 */
record EntryHash(BigInteger value) {
  private static final int POLICY_ID_DIGITS = 32;

  static EntryHash of(byte[] sha256) {
    return new EntryHash(new BigInteger(1, sha256));
  }

  /** 128 bits: what two tenants would have to make collide to get one another's policy. */
  String policyId() {
    return hex(value).substring(0, POLICY_ID_DIGITS);
  }

  /** 64 digits of a number below 2^256. */
  static String hex(BigInteger number) {
    byte[] bytes = number.toByteArray();
    byte[] padded = new byte[32];
    int length = Math.min(bytes.length, 32);
    System.arraycopy(bytes, bytes.length - length, padded, 32 - length, length);
    return HexFormat.of().formatHex(padded);
  }
}
