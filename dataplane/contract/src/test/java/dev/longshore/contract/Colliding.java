package dev.longshore.contract;

import java.util.List;
import java.util.stream.IntStream;

/** Texts that {@link String#hashCode()} can't tell apart, as anybody can make them. */
final class Colliding {
  private Colliding() {}

  /** Different texts of one {@code hashCode}, of what names of objects and hosts may hold. */
  static List<String> names(int count) {
    return IntStream.range(0, count).mapToObj(Colliding::name).toList();
  }

  /** 'a' to 'c' is two steps of 31, 'n' to '0' is 62 less. */
  private static String name(int number) {
    StringBuilder text = new StringBuilder(34);
    for (int bit = 0; bit < 17; bit++) {
      text.append((number >> bit & 1) == 0 ? "an" : "c0");
    }
    return text.toString();
  }
}
