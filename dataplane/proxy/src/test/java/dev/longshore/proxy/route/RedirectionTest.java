package dev.longshore.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.Matches;
import dev.longshore.contract.PathType;
import dev.longshore.contract.RuleAction.PathRewrite;
import dev.longshore.contract.RuleAction.Redirect;
import dev.longshore.contract.RuleKey;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.route.RequestTarget.Accepted;
import io.netty.handler.codec.http.HttpHeaderNames;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedirectionTest {
  private static final RuleKey KEY =
      new RuleKey("old.example.com", PathType.PREFIX, "/old", Matches.NONE);

  private static String location(Redirect redirect, boolean secure, int port, String target) {
    LocalAnswer answer =
        Redirection.of(redirect)
            .answer(secure, "old.example.com", port, (Accepted) RequestTarget.parse(target), KEY);
    assertThat(answer.fields()).hasSize(1);
    assertThat(answer.has(HttpHeaderNames.LOCATION)).isTrue();
    return answer.fields().getFirst().value();
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "https, -,               -,    -,    false, 8080, https://old.example.com/old/a?q=1",
        "http,  -,               -,    -,    true,  8443, http://old.example.com/old/a?q=1",
        "-,     new.example.com, -,    -,    true,  443,  https://new.example.com/old/a?q=1",
        "-,     new.example.com, -,    -,    true,  8443, https://new.example.com:8443/old/a?q=1",
        "-,     -,               8443, -,    true,  443,  https://old.example.com:8443/old/a?q=1",
        "https, -,               443,  -,    false, 80,   https://old.example.com/old/a?q=1",
        "http,  -,               443,  -,    false, 80,   http://old.example.com:443/old/a?q=1",
        "-,     -,               -,    /new, false, 8080, http://old.example.com:8080/new/a?q=1",
      })
  void whatIsNotToldStays(
      String scheme, String host, Integer port, String prefix, boolean secure, int at, String to) {
    PathRewrite path =
        prefix == null ? null : new PathRewrite(PathRewrite.Type.REPLACE_PREFIX, prefix);
    assertThat(location(new Redirect(scheme, host, port, path, 302, ""), secure, at, "/old/a?q=1"))
        .isEqualTo(to);
  }

  @Test
  void theWholePathMayBeReplaced() {
    PathRewrite path = new PathRewrite(PathRewrite.Type.REPLACE_FULL, "/gone");
    assertThat(location(new Redirect(null, null, null, path, 301, ""), true, 443, "/old/a?q"))
        .isEqualTo("https://old.example.com/gone?q");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "/gone", "/gone?a=b", "/gone/#/c", "?a=b"})
  void theQueryMayBeReplacedToo(String target) {
    PathRewrite path = new PathRewrite(PathRewrite.Type.REPLACE_TARGET, target);
    assertThat(
            location(
                new Redirect("https", "a.example.com", null, path, 301, ""), false, 80, "/old/a?q"))
        .isEqualTo("https://a.example.com" + target);
  }

  /** Neither another host nor another field can be told by who asks. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/old//evil.com",
        "//evil.com/old",
        "/old/%0d%0aSet-Cookie:x?a",
        "/old?a\\b\"<script>`{|}^",
        "/old?x=%0d%0aSet-Cookie:%20a=b",
        "/old/@evil.com",
        "/old/..//evil.com",
      })
  void noRequestLeadsElsewhere(String target) {
    if (RequestTarget.parse(target) instanceof Accepted) {
      PathRewrite path = new PathRewrite(PathRewrite.Type.REPLACE_PREFIX, "/");
      for (PathRewrite each : new PathRewrite[] {path, null}) {
        String to = location(new Redirect("https", null, null, each, 302, ""), true, 443, target);
        assertThat(to)
            .startsWith("https://old.example.com/")
            .doesNotStartWith("https://old.example.com//");
        assertThat(to.chars()).allMatch(c -> c > ' ' && c < 0x7f && "\"<>\\^`{|}".indexOf(c) < 0);
      }
    }
  }
}
