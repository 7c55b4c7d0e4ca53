package dev.longshore.contract;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** A {@link Version} in the making: hashes are added and subtracted modulo 2^256. */
final class VersionSum {
  private static final BigInteger MODULUS = BigInteger.ONE.shiftLeft(256);
  private BigInteger sum;

  private VersionSum(BigInteger sum) {
    this.sum = sum;
  }

  static VersionSum of(Version version) {
    return new VersionSum(new BigInteger(version.hex(), 16));
  }

  void add(EntryHash hash) {
    sum = sum.add(hash.value());
  }

  void subtract(EntryHash hash) {
    sum = sum.subtract(hash.value());
  }

  void replace(@Nullable EntryHash older, EntryHash newer) {
    if (older != null) {
      subtract(older);
    }
    add(newer);
  }

  Version version() {
    sum = sum.mod(MODULUS);
    return new Version(EntryHash.hex(sum));
  }
}
