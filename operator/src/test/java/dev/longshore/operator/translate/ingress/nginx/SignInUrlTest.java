package dev.longshore.operator.translate.ingress.nginx;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SignInUrlTest {
  private static final String ASKED = "{scheme}://{host}{uri}";

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "https://in.example.com/start, -, https://in.example.com/start?rd=ASKED",
        "https://IN.example.com/Start?a=b, -, https://in.example.com/Start?a=b&rd=ASKED",
        "https://in.example.com/start, next, https://in.example.com/start?next=ASKED",
        "https://in.example.com/start, a b, https://in.example.com/start?rd=ASKED",
        "https://$host/start?rd=$escaped_request_uri, -, https://{host}/start?rd={uri}",
        "$scheme://${http_host}/x, -, {scheme}://{host}/x?rd=ASKED",
        "/oauth2/start?rd=/, -, {scheme}://{host}/oauth2/start?rd=/",
      })
  void hasTheUrlThatWasAskedFor(String text, String parameter, String url) {
    assertThat(SignInUrl.read(text, parameter)).isEqualTo(url.replace("ASKED", ASKED));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "//evil.example/",
        "start",
        "javascript://x/",
        "https://$arg_to/",
        "https://in.example.com/$1",
        "https://in.example.com/{uri}",
        "https://in.example.com/ x",
        "https://in.example.com/\r\nX: y",
        "https://in.example.com/$",
      })
  void nothingElseIsRead(String text) {
    assertThat(SignInUrl.read(text, null)).isNull();
  }
}
