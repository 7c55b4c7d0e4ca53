package dev.longshore.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.EndpointSetKey;
import dev.longshore.contract.Matches;
import dev.longshore.contract.PathType;
import dev.longshore.contract.PoolKey;
import dev.longshore.contract.RuleAction.Rewrite;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamPool.Balancing;
import dev.longshore.contract.UpstreamPool.Keepalive;
import dev.longshore.contract.UpstreamTls;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the certificate of an endpoint has to be for. */
class PinnedNameTest {

  @ParameterizedTest
  @CsvSource({
    "chat.internal, other.internal, a.example.com, chat, chat.internal",
    ", other.internal:8443, a.example.com, chat, other.internal",
    ", [::1]:8443, a.example.com, chat, ::1",
    ", , a.example.com, chat, a.example.com",
    ", , *.example.com, chat, chat.demo.svc",
    ", , *, chat, chat.demo.svc",
    ", , *, route/chat,",
  })
  void isTheFirstThatTheConfigurationNames(
      @Nullable String serverName,
      @Nullable String rewritten,
      String host,
      String service,
      @Nullable String name) {
    UpstreamPool pool =
        UpstreamPool.of(
            new PoolKey("WebSocketRoute", "demo", "route", "chat"),
            new EndpointSetKey("demo", service, "https"),
            Balancing.RANDOM,
            Duration.ZERO,
            Keepalive.DEFAULT,
            new UpstreamTls(serverName, null, null));
    RuleKey rule = new RuleKey(host, PathType.PREFIX, "/", Matches.NONE);
    assertThat(PinnedName.of(rule, new Rewrite(null, rewritten), pool)).isEqualTo(name);
  }
}
