package dev.longshore.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.Matches;
import dev.longshore.contract.PathType;
import dev.longshore.contract.RuleAction.PathRewrite;
import dev.longshore.contract.RuleAction.Rewrite;
import dev.longshore.contract.RuleKey;
import dev.longshore.proxy.route.RequestTarget.Accepted;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PatternRewriterTest {

  /**
   * What nginx 1.31 makes of {@code rewrite "(?i)PATTERN" VALUE break}, as ingress-nginx writes it;
   * but for dot segments and encoded slashes.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "/something /something(/|$)(.*) /$2 /",
        "/something/ /something(/|$)(.*) /$2 /",
        "/something/new /something(/|$)(.*) /$2 /new",
        "/SomeThing/new?a=/b (?i)/something(/|$)(.*) /$2 /new?a=/b",
        "/something /something(/|$)(.*) /app/$2 /app/",
        "/v1/x /v(\\d+)/(.*) /api-$1/$2/$1 /api-1/x/1",
        "/api/x /(api/.*) $1 /api/x",
        "/api/x (/api/.*) $1 /api/x",
        "/api/x (/api/.*) /$1 //api/x",
        // A group that isn't there, and one that took no part.
        "/a /(a)|(b) /$1$2$3 /a",
        // What was written encoded goes on encoded.
        "/a/%3Fb%20c /a/(.*) /$1 /%3Fb%20c",
        "/a/%2Fb%25 /a/(.*) /$1 /%2Fb%25",
        "/a/%E4%B8 /a/(.*) /$1 /%E4%B8",
        "/a/b;p=1/c /a/(.*) /$1 /b;p=1/c",
        "/a;p=1/b /a(/|$)(.*) /$2 /b",
        // Nobody gets out of what the rewrite names.
        "/x../secret /x(.*) /app/$1 /app/secret",
        "/x%2e%2e/secret /x(.*) /app/$1 /app/secret",
        "/x..;p/secret;q /x(.*) /app/$1 /app/secret;q",
        "/x%2e%2E;p/secret /x(.*) /app/$1 /app/secret",
        "/x. /x(.*) /app/$1 /app/",
        "/x.../a /x(.*) /app/$1 /app/.../a",
      })
  void putsGroupsIn(String request, String pattern, String value, String expected) {
    RuleKey key = new RuleKey("a.example.com", PathType.REGEX, pattern, Matches.NONE);
    PatternRewriter rewriter =
        Objects.requireNonNull(
            PatternRewriter.of(
                key, new Rewrite(new PathRewrite(PathRewrite.Type.REPLACE_MATCH, value), null)));
    assertThat(rewriter.rewrite((Accepted) RequestTarget.parse(request))).isEqualTo(expected);
  }
}
