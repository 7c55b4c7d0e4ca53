package dev.longshore.proxy.route;

import java.nio.charset.StandardCharsets;

/** Whatever the target is, what is accepted is normal, and stays so for whoever reads it next. */
public final class RequestTargetFuzz {
  private RequestTargetFuzz() {}

  /** Loads what is needed, so that the first input takes no longer than the others. */
  public static void fuzzerInitialize() {
    fuzzerTestOneInput(new byte[0]);
  }

  /** One input. */
  public static void fuzzerTestOneInput(byte[] data) {
    String raw = new String(data, StandardCharsets.ISO_8859_1);
    if (RequestTarget.parse(raw) instanceof RequestTarget.Accepted it && !it.path().equals("*")) {
      check(it.path().startsWith("/"), "a path without a slash");
      for (String element : it.path().substring(1).split("/", -1)) {
        String bare = element.replaceAll("(?i)%2e", ".").replaceAll("(;|%3[bB]).*", "");
        check(!bare.equals(".") && !bare.equals(".."), "a dot segment");
      }
      check(!it.path().contains("//"), "an empty element");
      check(
          it.forwardTarget().chars().allMatch(c -> c > ' ' && c < 0x7F && c != '#'),
          "a byte that ends a request line");
      check(
          RequestTarget.parse(it.forwardTarget()) instanceof RequestTarget.Accepted again
              && again.matchPath().equals(it.matchPath())
              && again.forwardTarget().equals(it.forwardTarget()),
          "the next one reads another");
    }
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
