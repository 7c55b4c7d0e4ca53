package dev.longshore.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.proxy.route.RequestTarget.Accepted;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * The path that was matched is the one that the upstream sees, for upstreams that read paths in
 * quite different ways.
 */
class RequestTargetPropertyTest {
  private static final int CASES = 30_000;

  private static final String[] PARTS = {
    "/",
    "/",
    "/",
    "/",
    ".",
    "..",
    "%2e",
    "%2E",
    ";",
    "%3b",
    ";x=1",
    "a",
    "b",
    "%61",
    "%41",
    "%7e",
    "%25",
    "%252f",
    "%2f",
    "%5c",
    "\\",
    "%c3%a9",
    "%20",
    "?",
    "#",
    "%",
    "%0",
    "%00",
    "admin",
    "\u0001",
    "\u00e9",
    "..;",
    "/../",
    "//",
    "=",
    "&",
    ":",
    "@",
    "http://h"
  };

  @Test
  void everyUpstreamSeesThePathThatWasMatched() {
    SplittableRandom random = new SplittableRandom(20_261_122);
    int accepted = 0;
    for (int i = 0; i < CASES; i++) {
      StringBuilder target = new StringBuilder(random.nextInt(8) == 0 ? "http://h" : "/");
      for (int parts = random.nextInt(9); parts > 0; parts--) {
        target.append(PARTS[random.nextInt(PARTS.length)]);
      }
      if (RequestTarget.parse(target.toString()) instanceof Accepted it && !it.path().equals("*")) {
        accepted++;
        check(target.toString(), it);
      }
    }
    assertThat(accepted).isGreaterThan(CASES / 20);
  }

  private static void check(String target, Accepted it) {
    String sent = it.forwardTarget();
    int mark = sent.indexOf('?');
    String path = mark < 0 ? sent : sent.substring(0, mark);
    assertThat(path).as(target).isEqualTo(it.path()).startsWith("/");
    assertThat(mark < 0 ? null : sent.substring(mark + 1)).as(target).isEqualTo(it.query());

    // Also who decodes slashes first finds no dot segment, and so never a path elsewhere.
    for (String element : decode(path).split("[/\\\\]", -1)) {
      assertThat(element.replaceAll(";.*", "")).as(target).isNotIn(".", "..");
    }
    path = keepSlashes(path);

    // What rules see, with the escapes that stay in it decoded.
    String matched = decode(keepSlashes(it.matchPath()));
    assertThat(cutThenDecode(path)).as("servlet container: " + target).isEqualTo(matched);
    assertThat(decodeThenCut(path)).as("decodes first: " + target).isEqualTo(matched);
    assertThat(elements(decode(path)))
        .as("knows no parameters: " + target)
        .hasSameSizeAs(elements(it.matchPath()));

    // Nothing is left for an upstream to normalise, and a second proxy changes nothing.
    assertThat(normalise(decode(path))).as(target).isEqualTo(decode(path));
    assertThat(normalise(matched)).as(target).isEqualTo(matched);
    assertThat(RequestTarget.parse(sent))
        .as(target)
        .isEqualTo(new Accepted(it.path(), it.matchPath(), it.query(), sent, null));
  }

  /** As Tomcat and Jetty do: cut parameters off, decode, then normalise. */
  private static String cutThenDecode(String path) {
    return normalise(decode(path.replaceAll(";[^/]*", "").replaceAll("(?i)%3b[^/]*", "")));
  }

  /** As frameworks behind a decoding server do. */
  private static String decodeThenCut(String path) {
    return normalise(decode(path).replaceAll(";[^/]*", ""));
  }

  /** An encoded slash is a character of its element: it is what decoding leaves as it is. */
  private static String keepSlashes(String path) {
    return path.replaceAll("(?i)%2f", "%252F").replaceAll("(?i)%5c", "%255C");
  }

  private static String decode(String path) {
    return URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static List<String> elements(String path) {
    return List.of(path.split("/", -1));
  }

  /** RFC 3986 §5.2.4, with empty elements merged, written down anew. */
  private static String normalise(String path) {
    List<String> kept = new ArrayList<>();
    String[] elements = path.replace('\\', '/').split("/", -1);
    for (int i = 1; i < elements.length; i++) {
      boolean last = i == elements.length - 1;
      switch (elements[i]) {
        case "", "." -> {
          if (last) {
            kept.add("");
          }
        }
        case ".." -> {
          if (!kept.isEmpty()) {
            kept.removeLast();
          }
          if (last) {
            kept.add("");
          }
        }
        default -> kept.add(elements[i]);
      }
    }
    return "/" + String.join("/", kept);
  }
}
