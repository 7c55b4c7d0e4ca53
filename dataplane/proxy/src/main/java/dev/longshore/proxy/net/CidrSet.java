package dev.longshore.proxy.net;

import dev.longshore.contract.Cidr;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * A set of address ranges that answers in logarithmic time. An IPv4-mapped IPv6 address (RFC 4291
 * §2.5.5.2) is the IPv4 address, in ranges and in questions: a dual-stack listener shows IPv4
 * clients as either.
 */
public final class CidrSet {
  private static final int MAPPED_PREFIX = 96;

  private final Ranges v4;
  private final Ranges v6;

  private CidrSet(Ranges v4, Ranges v6) {
    this.v4 = v4;
    this.v6 = v6;
  }

  /** The union of the ranges. */
  public static CidrSet of(List<Cidr> cidrs) {
    List<Range> v4 = new ArrayList<>();
    List<Range> v6 = new ArrayList<>();
    for (Cidr cidr : cidrs) {
      byte[] network = cidr.network();
      if (network.length == 4) {
        v4.add(range(0, v4(network, 0), cidr.length() + MAPPED_PREFIX));
      } else if (isMapped(network) && cidr.length() >= MAPPED_PREFIX) {
        v4.add(range(0, v4(network, 12), cidr.length()));
      } else {
        v6.add(range(read(network, 0), read(network, 8), cidr.length()));
      }
    }
    return new CidrSet(Ranges.of(v4), Ranges.of(v6));
  }

  /** Whether it holds no address at all. */
  public boolean isEmpty() {
    return v4.sorted.isEmpty() && v6.sorted.isEmpty();
  }

  /** Whether one of the ranges holds the address. */
  public boolean contains(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length == 4) {
      return v4.contains(0, v4(bytes, 0));
    }
    return isMapped(bytes)
        ? v4.contains(0, v4(bytes, 12))
        : v6.contains(read(bytes, 0), read(bytes, 8));
  }

  private static boolean isMapped(byte[] address) {
    return read(address, 0) == 0
        && address[8] == 0
        && address[9] == 0
        && address[10] == -1
        && address[11] == -1;
  }

  private static long v4(byte[] bytes, int at) {
    long value = 0;
    for (int i = 0; i < 4; i++) {
      value = value << 8 | (bytes[at + i] & 0xff);
    }
    return value;
  }

  private static long read(byte[] bytes, int at) {
    long value = 0;
    for (int i = 0; i < 8; i++) {
      value = value << 8 | (bytes[at + i] & 0xff);
    }
    return value;
  }

  private static Range range(long high, long low, int length) {
    long highHost = length >= 64 ? 0 : -1L >>> length;
    long lowHost = length <= 64 ? -1L : length == 128 ? 0 : -1L >>> (length - 64);
    return new Range(high & ~highHost, low & ~lowHost, high | highHost, low | lowHost);
  }

  /** From the first to the last address, as two unsigned halves each. */
  private record Range(long firstHigh, long firstLow, long lastHigh, long lastLow) {
    boolean holds(long high, long low) {
      return compare(high, low, firstHigh, firstLow) >= 0
          && compare(high, low, lastHigh, lastLow) <= 0;
    }
  }

  /** Disjoint ranges in order. */
  private record Ranges(List<Range> sorted) {

    static Ranges of(List<Range> ranges) {
      List<Range> sorted = new ArrayList<>(ranges);
      sorted.sort(
          (a, b) -> {
            int byFirst = compare(a.firstHigh, a.firstLow, b.firstHigh, b.firstLow);
            // The wider one first, so that it swallows those inside.
            return byFirst != 0 ? byFirst : compare(b.lastHigh, b.lastLow, a.lastHigh, a.lastLow);
          });
      List<Range> disjoint = new ArrayList<>();
      for (Range range : sorted) {
        // Two prefixes never overlap in part: one holds the other, or they are apart.
        if (disjoint.isEmpty() || !disjoint.getLast().holds(range.lastHigh, range.lastLow)) {
          disjoint.add(range);
        }
      }
      return new Ranges(List.copyOf(disjoint));
    }

    boolean contains(long high, long low) {
      int from = 0;
      int to = sorted.size() - 1;
      while (from <= to) {
        int middle = (from + to) >>> 1;
        Range range = sorted.get(middle);
        if (range.holds(high, low)) {
          return true;
        }
        if (compare(high, low, range.firstHigh, range.firstLow) < 0) {
          to = middle - 1;
        } else {
          from = middle + 1;
        }
      }
      return false;
    }
  }

  private static int compare(long highA, long lowA, long highB, long lowB) {
    int byHigh = Long.compareUnsigned(highA, highB);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(lowA, lowB);
  }
}
