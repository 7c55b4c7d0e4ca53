package dev.longshore.proxy.fields;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OriginSetTest {

  @ParameterizedTest
  @CsvSource({
    "https://chat.example.com, https://chat.example.com",
    "https://chat.example.com, HTTPS://Chat.Example.COM",
    "https://chat.example.com, https://chat.example.com:443",
    "https://chat.example.com:443, https://chat.example.com",
    "http://localhost:3000, http://localhost:3000",
    "http://h, http://h:80",
    "https://*.example.com, https://a.example.com",
    "https://*.example.com:8443, https://a.example.com:8443",
    "http://[::1]:3000, http://[::1]:3000",
    "chrome-extension://abcdef, chrome-extension://abcdef",
  })
  void allows(String allowed, String origin) {
    assertThat(OriginSet.of(List.of("https://other", allowed)).allows(origin)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "https://chat.example.com, http://chat.example.com",
    "https://chat.example.com, https://chat.example.com:8443",
    "https://chat.example.com, https://chat.example.com.evil.example",
    "https://chat.example.com, https://evil-chat.example.com",
    "https://chat.example.com, https://chat.example.com/",
    "https://chat.example.com, https://chat.example.com@evil.example",
    "https://chat.example.com, https://chat.example.com:",
    "https://chat.example.com, https://chat.example.com:0443x",
    "https://chat.example.com, 'https://chat.example.com https://evil.example'",
    "https://chat.example.com, chat.example.com",
    "https://chat.example.com, null",
    "https://*.example.com, https://example.com",
    "https://*.example.com, https://a.b.example.com",
    "https://*.example.com, https://.example.com",
    "https://*.example.com, https://*.example.com",
    "https://*.example.com, https://aexample.com",
    "https://*.example.com, https://a.example.com:8443",
    "https://kube.example, https://\u212aube.example",
    "not an origin, not an origin",
    "null, null",
    "https://h:0, https://h:0",
    "https://h:70000, https://h:70000",
  })
  void refuses(String allowed, String origin) {
    assertThat(OriginSet.of(List.of(allowed)).allows(origin)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "://", "https://", "https://:443", "https://[", "https://[::1", "a:b"})
  void whatIsNoOriginIsRefused(String origin) {
    assertThat(OriginSet.of(List.of("https://h")).allows(origin)).isFalse();
  }

  @Test
  void aRequestWithoutOriginIsNotFromABrowser() {
    assertThat(OriginSet.of(List.of("https://h")).allows(null)).isTrue();
  }

  @Test
  void anEmptyListChecksNothing() {
    assertThat(OriginSet.of(List.of()).allows("null")).isTrue();
  }
}
