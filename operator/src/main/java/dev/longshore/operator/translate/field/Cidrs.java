package dev.longshore.operator.translate.field;

import dev.longshore.contract.Cidr;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads address ranges, whose messages may quote what a manifest says. */
public final class Cidrs {
  private static final int LONGEST = 49;
  private static final int MOST = 256;

  private Cidrs() {}

  /**
   * The range.
   *
   * @throws IllegalArgumentException if it isn't one; says what would be right
   */
  public static Cidr parse(String text) {
    return Cidr.parse(bounded(text));
  }

  /**
   * The range as Go reads it, which ingress-nginx is written in: {@code 10.0.0.5/8} is {@code
   * 10.0.0.0/8}.
   *
   * @throws IllegalArgumentException if it isn't one; says what would be right
   */
  public static Cidr enclosing(String text) {
    return Cidr.enclosing(bounded(text));
  }

  /** Those of a list that are right; the others, and what is too many, are faults. */
  public static List<Cidr> read(@Nullable List<String> given, String path, Problems problems) {
    List<Cidr> ranges = new ArrayList<>();
    List<String> listed = given == null ? List.of() : given;
    if (listed.size() > MOST) {
      problems.fault(Reason.INVALID, path, "has " + listed.size() + " items: at most " + MOST);
    }
    for (int i = 0; i < Math.min(MOST, listed.size()); i++) {
      String text = listed.get(i);
      Cidr range = problems.parse(path + "[" + i + "]", () -> parse(text));
      if (range != null) {
        ranges.add(range);
      }
    }
    return ranges;
  }

  private static String bounded(String text) {
    if (text.length() > LONGEST) {
      throw new IllegalArgumentException(
          Quote.of(text) + " is not an address or range such as 10.0.0.0/8 or 2001:db8::/32");
    }
    return text;
  }
}
