package dev.longshore.operator.translate.ingress.nginx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.contract.PathType;
import dev.longshore.contract.RuleAction.Redirect;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class NginxRedirectTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      nullValues = "-",
      value = {
        "https://a.example.com https a.example.com - REPLACE_TARGET ''",
        "https://a.example.com/ https a.example.com - REPLACE_TARGET /",
        "HTTP://A.example.com:8080/b?c=d#e http a.example.com 8080 REPLACE_TARGET /b?c=d#e",
        "https://a.example.com$request_uri https a.example.com - - -",
        "https://a.example.com${request_uri} https a.example.com - - -",
        "https://a.example.com$uri$is_args$args https a.example.com - - -",
        "https://$host$request_uri https - - - -",
        "$scheme://a.example.com$request_uri - a.example.com - - -",
        "$scheme://$http_host/login - - - REPLACE_TARGET /login",
        "https://a.example.com/v2$request_uri https a.example.com - REPLACE_PREFIX /v2/api",
      })
  void isWhatNginxWouldSend(
      String text, String scheme, String host, Integer port, String type, String value) {
    Redirect redirect = NginxRedirect.parse(text, 302).at(PathType.PREFIX, "/api");
    assertThat(redirect.scheme()).isEqualTo(scheme);
    assertThat(redirect.host()).isEqualTo(host);
    assertThat(redirect.port()).isEqualTo(port);
    assertThat(redirect.path() == null ? null : redirect.path().type().name()).isEqualTo(type);
    assertThat(redirect.path() == null ? null : redirect.path().value()).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/a",
        "//a.example.com",
        "a.example.com",
        "javascript://a.example.com",
        "ftp://a.example.com",
        "https://",
        "https:///a",
        "https://user@a.example.com/",
        "https://a.example.com:0/",
        "https://a.example.com:99999/",
        "https://a example.com/",
        "https://a.example.com/ b",
        "https://a.example.com/\nX: y",
        "https://a.example.com/;return 200;",
        "https://a.example.com/\\b",
        "https://a.example.com.$host/",
        "https://$host.evil.example$request_uri",
        "https://$arg_to/",
        "https://a.example.com/$1",
        "https://a.example.com$request_uri/b",
        "https://a.example.com/?to=$request_uri",
        "https://a.example.com/../b$request_uri",
        "$scheme://$host$request_uri",
      })
  void whatAnybodyCouldChooseIsNone(String text) {
    assertThatThrownBy(() -> NginxRedirect.parse(text, 302))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
