package dev.longshore.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.Matches;
import dev.longshore.contract.PathType;
import dev.longshore.contract.RuleAction.PathRewrite;
import dev.longshore.contract.RuleKey;
import dev.longshore.proxy.route.RequestTarget.Accepted;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PathRewriterTest {

  /** Gateway API's own table for ReplacePrefixMatch, and what it does not say. */
  @ParameterizedTest
  @CsvSource({
    "/foo/bar, /foo, /xyz, /xyz/bar",
    "/foo/bar, /foo, /xyz/, /xyz/bar",
    "/foo/bar, /foo/, /xyz, /xyz/bar",
    "/foo/bar, /foo/, /xyz/, /xyz/bar",
    "/foo, /foo, /xyz, /xyz",
    "/foo/, /foo, /xyz, /xyz/",
    "/foo/bar, /foo, /, /bar",
    "/foo/, /foo, /, /",
    "/foo, /foo, /, /",
    "/foo/, /foo/, /, /",
    "/foo, /foo/, /, /",
    "/foo, /, /xyz, /xyz/foo",
    "/, /, /xyz, /xyz/",
    "/, /, /, /",
    "/foo/bar, /, /, /foo/bar",
    "/foo/bar?a=/foo, /foo, /xyz, /xyz/bar?a=/foo",
    "/foo?, /foo, /xyz, /xyz?",
    "/a/b/c/d, /a/b, /x/y/z, /x/y/z/c/d",
    // The rest stays as the client wrote it.
    "/%66oo;v=1/b%61r;w=2, /foo, /xyz, /xyz/b%61r;w=2",
    "/foo//bar/../baz, /foo, /xyz, /xyz/baz",
  })
  void replacesThePrefix(String target, String prefix, String value, String expected) {
    assertThat(rewrite(target, PathType.PREFIX, prefix, PathRewrite.Type.REPLACE_PREFIX, value))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "/foo, EXACT, /foo, REPLACE_PREFIX, /xyz, /xyz",
    "/foo/?q, EXACT, /foo/, REPLACE_PREFIX, /xyz, /xyz?q",
    "/foo/bar?q=1, PREFIX, /foo, REPLACE_FULL, /xyz/, /xyz/?q=1",
    "/foo/bar, REGEX, /f.*, REPLACE_FULL, /xyz, /xyz",
  })
  void replacesTheWholePath(
      String target,
      PathType pathType,
      String path,
      PathRewrite.Type type,
      String value,
      String expected) {
    assertThat(rewrite(target, pathType, path, type, value)).isEqualTo(expected);
  }

  private static String rewrite(
      String target, PathType pathType, String path, PathRewrite.Type type, String value) {
    return PathRewriter.rewrite(
        new PathRewrite(type, value),
        (Accepted) RequestTarget.parse(target),
        new RuleKey("h", pathType, path, Matches.NONE));
  }
}
