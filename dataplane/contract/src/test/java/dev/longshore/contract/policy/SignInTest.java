package dev.longshore.contract.policy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SignInTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://login.example.com",
        "http://login.example.com:8080/start?rd={scheme}://{host}{uri}#top",
        "{scheme}://{host}/oauth2/start?rd={uri}",
      })
  void isAUrl(String text) {
    assertThat(SignIn.isLocation(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/start",
        "javascript://x",
        "https://{uri}",
        "https://login.example.com{uri}",
        "https://login.example.com.{host}",
        "https://user@login.example.com/",
        "https://login.example.com/{other}",
        "https://login.example.com/{",
        "https://login.example.com/ x",
        "https://login.example.com/\\evil",
        "https://login.example.com/\r\nX: y",
        "//login.example.com/",
      })
  void nothingElseIsOne(String text) {
    assertThat(SignIn.isLocation(text)).isFalse();
  }
}
