package dev.longshore.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.proxy.route.RequestTarget.Accepted;
import dev.longshore.proxy.route.RequestTarget.Rejected;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTargetTest {

  @ParameterizedTest
  @CsvSource({
    // target, path that goes upstream, path that is matched
    "/, /, /",
    "/a, /a, /a",
    "/a/, /a/, /a/",
    "/a/b.c/d~e, /a/b.c/d~e, /a/b.c/d~e",
    "/a//b, /a/b, /a/b",
    "//a, /a, /a",
    "///, /, /",
    "/a//, /a/, /a/",
    "/./a, /a, /a",
    "/a/., /a/, /a/",
    "/a/./, /a/, /a/",
    "/a/../b, /b, /b",
    "/a/.., /, /",
    "/a/b/.., /a/, /a/",
    "/a/b/../, /a/, /a/",
    "/a/b/../../../c, /c, /c",
    "/.., /, /",
    "/../../etc/passwd, /etc/passwd, /etc/passwd",
    "/%2e%2E/a, /a, /a",
    "/a/%2e./b, /b, /b",
    "/a/.%2e/b, /b, /b",
    "/a/%2e/b, /a/b, /a/b",
    "/.well-known/x, /.well-known/x, /.well-known/x",
    "/a/...//b, /a/.../b, /a/.../b",
    "/a/..b, /a/..b, /a/..b",
    "/%61%7e, /%61%7e, /a~",
    "/%41%2d%5F, /%41%2d%5F, /A-_",
    "/caf%c3%a9, /caf%c3%a9, /caf%C3%A9",
    "/a%20b, /a%20b, /a b",
    "/a%25b, /a%25b, /a%25b",
    "/a%2fb, /a%2fb, /a%2Fb",
    "/a%2Fb/c, /a%2Fb/c, /a%2Fb/c",
    "/api/queues/%2F/name, /api/queues/%2F/name, /api/queues/%2F/name",
    "/@scope%2fpkg, /@scope%2fpkg, /@scope%2Fpkg",
    "/cool/https%3A%2F%2Fh%2Fx/ws, /cool/https%3A%2F%2Fh%2Fx/ws, /cool/https:%2F%2Fh%2Fx/ws",
    "/%5c, /%5c, /%5C",
    "/a%2f..b, /a%2f..b, /a%2F..b",
    "/a%2f.../b, /a%2f.../b, /a%2F.../b",
    "/a%2fb/../c, /c, /c",
    "/a;x%2fy, /a;x%2fy, /a",
    "/a%252e%252e/b, /a%252e%252e/b, /a%252e%252e/b",
    "/a%3fb, /a%3fb, /a?b",
    "/a%23b, /a%23b, /a#b",
    "/a;v=1/b;w=2, /a;v=1/b;w=2, /a/b",
    "/a;v=%41, /a;v=%41, /a",
    "/a%3bx/b, /a%3bx/b, /a/b",
    "/a/;x/b, /a/b, /a/b",
    "/a/;x, /a/, /a/",
    "/.;/a, /a, /a",
    "/a/.;x/b, /a/b, /a/b",
    "/a/%2e%3b/b, /a/b, /a/b",
    "/a/..x;y/b, /a/..x;y/b, /a/..x/b",
    "'/a\"<>^`{|}b', '/a\"<>^`{|}b', '/a\"<>^`{|}b'",
  })
  void pathsHaveOneNormalForm(String target, String path, String matchPath) {
    assertThat(accepted(target)).isEqualTo(new Accepted(path, matchPath, null, path, null));
    String query = "x=/../%2f//;&y=%zz\\";
    assertThat(accepted(target + "?" + query))
        .isEqualTo(new Accepted(path, matchPath, query, path + "?" + query, null));
    assertThat(accepted("http://H.example:8080" + target + "?"))
        .isEqualTo(new Accepted(path, matchPath, "", path + "?", "h.example:8080"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/..%2fb",
        "/a%2F..",
        "/a%2f..%2fb",
        "/%2e%2e%2fb",
        "/%2E%2e%5Cb",
        "/a%5c..",
        "/.%2fb",
        "/a%2f%2e",
        "/a%2f..;x",
        "/a%2f%2e%2e%3bx%2fb",
        "/a;x%2f..%2f..%2fadmin",
        "/a/%5C..",
        "/a\\b",
        "/..;/a",
        "/..;",
        "/a/..;x=1/b",
        "/%2e%2e;/a",
        "/..%3b/a",
        "/..%3B",
        "/%2e.%3bx",
        "/a%00",
        "/a%1f",
        "/a%7F",
        "/a%0d%0a",
        "/a;%00",
        "/a\u0000",
        "/a\t",
        "/a b",
        "/a\u007f",
        "/a\u0080",
        "/é",
        "/a%",
        "/a%2",
        "/a%zz",
        "/a%2/b",
        "/a;%",
        "/a#b",
        "/a?b#c",
        "/a?b c",
        "/a?\u00e9",
        "/a?\n",
        "/a%+1",
        "",
        "a",
        "a/b",
        "?x",
        "#",
        "**",
        "*?x",
        "host:443",
        "ftp://h/a",
        "ws://h/a",
        "http:/a",
        "http://",
        "http:///a",
        "http://u@h/",
        "http://u:p@h/",
        "http://h:x/",
        "http://h:123456/",
        "http://[::1/",
        "http://[]/",
        "http://h h/",
        "http://h\\x/",
        "http://%68/",
        "http://h:80:80/",
        "http://\u212a/",
        "https://h/..%2f"
      })
  void whatCouldBeReadInTwoWaysIsRejected(String target) {
    assertThat(RequestTarget.parse(target)).isInstanceOf(Rejected.class);
  }

  @ParameterizedTest
  @CsvSource({
    "http://h, /, , /, h",
    "HTTPS://Chat.Example.COM:8443/a/../b?c, /b, c, /b?c, chat.example.com:8443",
    "http://[2001:DB8::1]:80/a, /a, , /a, [2001:db8::1]:80",
    "http://h?x=1, /, x=1, /?x=1, h",
    "http://h:/a, /a, , /a, h:",
  })
  void absoluteFormBecomesOriginForm(
      String target, String path, @Nullable String query, String forward, String authority) {
    assertThat(accepted(target)).isEqualTo(new Accepted(path, path, query, forward, authority));
  }

  @Test
  void anAsteriskIsForTheServerAsAWhole() {
    assertThat(accepted("*")).isEqualTo(new Accepted("*", "*", null, "*", null));
  }

  @Test
  void theUsualTargetIsNotCopied() {
    String target = "/chat/rooms/42.json";
    Accepted accepted = accepted(target);
    assertThat(accepted.path()).isSameAs(target);
    assertThat(accepted.matchPath()).isSameAs(target);
    assertThat(accepted.forwardTarget()).isSameAs(target);
    String withQuery = "/chat?room=42";
    assertThat(accepted(withQuery).forwardTarget()).isSameAs(withQuery);
  }

  private static Accepted accepted(String target) {
    assertThat(RequestTarget.parse(target)).as(target).isInstanceOf(Accepted.class);
    return (Accepted) RequestTarget.parse(target);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "a=1&token=x&b=2, a=1&b=2",
        "token=x&b=2, b=2",
        "a=1&token=x, a=1",
        "token=x, -",
        "token, -",
        "token=x&token=y, -",
        "a=1;token=x;b=2, a=1;b=2",
        "a=1;token=x&b=2, a=1&b=2",
        "token=x;b=2, b=2",
        "a=1&%74ok%65n=x&b=2, a=1&b=2",
        "a=1&token=x=y&b=2, a=1&b=2",
        "a=1&tokens=x&b=token, a=1&tokens=x&b=token",
        "a=1;%zz=x, a=1;%zz=x",
        "a=1&&token=x&, a=1&&",
        "a=b%26token%3Dx, a=b%26token%3Dx",
      })
  void aParameterGoesHoweverItIsWritten(String query, @Nullable String left) {
    Accepted target = (Accepted) RequestTarget.parse("/ws;v=1?" + query);
    Accepted without = target.withoutParameter("token");
    assertThat(without.query()).isEqualTo(left);
    assertThat(without.forwardTarget()).isEqualTo("/ws;v=1" + (left == null ? "" : "?" + left));
  }
}
