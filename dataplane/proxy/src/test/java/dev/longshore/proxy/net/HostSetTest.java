package dev.longshore.proxy.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class HostSetTest {
  @Test
  void hasNamesAndOneLabelBeforeAWildcards() {
    HostSet hosts = HostSet.of(List.of("chat.example.com", "*.example.org", "localhost"));
    assertThat(hosts.has("chat.example.com")).isTrue();
    assertThat(hosts.has("localhost")).isTrue();
    assertThat(hosts.has("a.example.org")).isTrue();
    assertThat(hosts.has("a.chat.example.com")).isFalse();
    assertThat(hosts.has("a.b.example.org")).isFalse();
    assertThat(hosts.has("example.org")).isFalse();
    assertThat(hosts.has("*.example.org")).isTrue();
    assertThat(hosts.has("")).isFalse();
    assertThat(hosts.has(".example.org")).isFalse();
    assertThat(hosts.has("[2001:db8::1]")).isFalse();
  }

  @Test
  void withoutNamesItHasEveryOne() {
    assertThat(HostSet.of(List.of())).isSameAs(HostSet.ALL);
    assertThat(HostSet.ALL.has("chat.example.com")).isTrue();
    assertThat(HostSet.ALL.has("")).isTrue();
  }
}
