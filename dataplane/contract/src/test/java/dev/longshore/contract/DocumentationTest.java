package dev.longshore.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.RuleAction.Forward;
import dev.longshore.contract.RuleAction.Rewrite;
import dev.longshore.contract.RuleAction.Unavailable;
import dev.longshore.contract.RuleAction.WeightedPool;
import dev.longshore.contract.policy.Policy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The examples of docs/snapshot.md; rewrite them with -Dgolden.rewrite. */
class DocumentationTest {
  private static final Path PAGE = Path.of("../../docs/snapshot.md");
  private static final Pattern EXAMPLE = Pattern.compile("```json\n(.*?)```", Pattern.DOTALL);

  @Test
  void theExamplesAreWhatTheCodecWrites() throws Exception {
    RoutingSnapshot older = recipe();
    RoutingSnapshot newer = edited(older);
    List<String> right =
        List.of(
            SnapshotCodecTest.pretty(SnapshotCodec.write(older)),
            SnapshotCodecTest.pretty(SnapshotCodec.write(SnapshotDelta.between(older, newer))));
    if (Boolean.getBoolean("golden.rewrite")) {
      var next = right.iterator();
      Function<MatchResult, String> example =
          match -> Matcher.quoteReplacement("```json\n" + next.next() + "```");
      Files.writeString(PAGE, EXAMPLE.matcher(Files.readString(PAGE)).replaceAll(example));
    }
    assertThat(examples()).isEqualTo(right);
  }

  @Test
  void theExamplesAreValidAndLeadToOneAnother() throws Exception {
    RoutingSnapshot older = SnapshotCodec.readSnapshot(bytes(examples().getFirst()));
    RoutingSnapshot newer = SnapshotCodec.readDelta(bytes(examples().getLast())).applyTo(older);
    assertThat(SnapshotValidator.validate(older)).isEmpty();
    assertThat(SnapshotValidator.validate(older, newer)).isEmpty();
    assertThat(newer).isEqualTo(edited(recipe()));
  }

  /** The nginx recipe as it arrives at a data plane. */
  private static RoutingSnapshot recipe() {
    EndpointSetKey endpoints = new EndpointSetKey("demo", "recipe/backend", "static");
    PoolKey pool = new PoolKey("WebSocketRoute", "demo", "recipe", "backend");
    SnapshotBuilder builder = SnapshotBuilder.from(RoutingSnapshot.EMPTY);
    return builder
        .put(
            new EndpointSet(
                endpoints,
                List.of(
                    new Endpoint("192.168.3.1", 3000, Endpoint.State.READY),
                    new Endpoint("192.168.3.2", 300, Endpoint.State.READY))))
        .put(
            UpstreamPool.of(
                pool,
                endpoints,
                UpstreamPool.Balancing.LEAST_CONNECTIONS,
                Duration.ofSeconds(30),
                UpstreamPool.Keepalive.DEFAULT))
        .put(
            new LocationRule(
                new RuleKey("chat.example.com", PathType.PREFIX, "/websocket", Matches.NONE),
                source(0),
                new Forward(
                    List.of(new WeightedPool(pool, 1)),
                    Rewrite.NONE,
                    builder.policy(Policy.DEFAULT))))
        .build();
  }

  /** One endpoint drains, and a rule appears that can't be served. */
  private static RoutingSnapshot edited(RoutingSnapshot older) {
    return SnapshotBuilder.from(older)
        .put(
            new EndpointSet(
                new EndpointSetKey("demo", "recipe/backend", "static"),
                List.of(
                    new Endpoint("192.168.3.1", 3000, Endpoint.State.READY),
                    new Endpoint("192.168.3.2", 300, Endpoint.State.DRAINING))))
        .put(
            new LocationRule(
                new RuleKey("chat.example.com", PathType.EXACT, "/admin", Matches.NONE),
                source(1),
                new Unavailable(
                    "UnsupportedValue", "spec.locations[1].policy.auth: not supported yet")))
        .build();
  }

  private static RuleSource source(int index) {
    return new RuleSource(
        "WebSocketRoute", "demo", "recipe", index, "spec.locations[" + index + "]", 1_790_000_000L);
  }

  private static List<String> examples() throws Exception {
    return EXAMPLE.matcher(Files.readString(PAGE)).results().map(match -> match.group(1)).toList();
  }

  private static byte[] bytes(String json) {
    return json.getBytes(StandardCharsets.UTF_8);
  }
}
