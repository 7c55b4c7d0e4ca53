package dev.longshore.contract;

import com.google.re2j.Pattern;
import java.nio.charset.StandardCharsets;

/** Whatever a tenant's pattern is, compiling it is bounded, and so is the program. */
public final class PatternFuzz {
  private PatternFuzz() {}

  /** Loads what is needed, so that the first input takes no longer than the others. */
  public static void fuzzerInitialize() {
    fuzzerTestOneInput(new byte[0]);
  }

  /** One input. */
  public static void fuzzerTestOneInput(byte[] data) {
    String text = new String(data, StandardCharsets.UTF_8);
    Pattern compiled;
    try {
      compiled = BoundedPattern.compile(text);
    } catch (IllegalArgumentException e) {
      return;
    }
    if (compiled.programSize() > BoundedPattern.MAX_PROGRAM) {
      throw new AssertionError("a program of " + compiled.programSize());
    }
    RuleKey key = new RuleKey("a.example.com", PathType.REGEX, text, Matches.NONE);
    if (!text.isEmpty() && BoundedPattern.instructionsOf(key) <= 0) {
      throw new AssertionError("a pattern that costs nothing");
    }
    compiled.matches("/" + text);
  }
}
