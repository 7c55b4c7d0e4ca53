package dev.longshore.operator.translate.ingress.nginx;

import dev.longshore.contract.Cidr;
import dev.longshore.operator.translate.field.Cidrs;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Lists of address ranges, as ingress-nginx reads them. */
public final class SourceRanges {
  private static final Set<String> ANY_ADDRESS = Set.of("0.0.0.0/0", "::/0");

  private SourceRanges() {}

  /** Of both families. */
  static boolean isEverybody(List<String> ranges) {
    return ranges.stream()
            .map(Cidr::enclosing)
            .filter(range -> range.length() == 0)
            .map(range -> range.network().length)
            .distinct()
            .count()
        == 2;
  }

  /** Every address of either family, or of both. */
  public static boolean isAnyAddress(String value) {
    List<String> ranges = split(value);
    return !ranges.isEmpty() && ranges.stream().allMatch(ANY_ADDRESS::contains);
  }

  static List<String> split(String value) {
    return Arrays.stream(value.split(",", -1))
        .map(String::strip)
        .filter(s -> !s.isEmpty())
        .toList();
  }

  /** As it is written, unless our own annotation would not read it so. */
  static String readable(String range) {
    try {
      Cidrs.parse(range);
      return range;
    } catch (IllegalArgumentException e) {
      return Cidrs.enclosing(range).text();
    }
  }
}
