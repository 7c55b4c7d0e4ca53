package dev.longshore.contract.push;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longshore.contract.Endpoint;
import dev.longshore.contract.EndpointSet;
import dev.longshore.contract.EndpointSetKey;
import dev.longshore.contract.EntryRef;
import dev.longshore.contract.LocationRule;
import dev.longshore.contract.Matches;
import dev.longshore.contract.PathType;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleAction.Unavailable;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.RuleSource;
import dev.longshore.contract.SnapshotBuilder;
import dev.longshore.contract.SnapshotDelta;
import dev.longshore.contract.SnapshotDelta.Versions;
import dev.longshore.contract.SnapshotError;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The examples of docs/push-protocol.md; rewrite them with -Dgolden.rewrite. */
class DocumentationTest {
  private static final Path PAGE = Path.of("../../docs/push-protocol.md");
  private static final Pattern EXAMPLE = Pattern.compile("```json\n(.*?)```", Pattern.DOTALL);
  private static final ObjectMapper PLAIN = new ObjectMapper();

  private static final RoutingSnapshot BEFORE = endpoint(3000);
  private static final RoutingSnapshot AFTER = endpoint(3001);
  private static final RuleKey RULE =
      new RuleKey("chat.example.com", PathType.REGEX, "/rooms/(\\d+)", Matches.NONE);
  private static final RoutingSnapshot REFUSED =
      SnapshotBuilder.from(AFTER)
          .put(
              new LocationRule(
                  RULE,
                  new RuleSource("WebSocketRoute", "demo", "chat", 0, "spec.locations[0]", 0),
                  new Unavailable("UnsupportedValue", "spec.locations[0].policy")))
          .build();

  private static final List<FromDataPlane> SAID =
      List.of(
          new Hello(
              PushProtocol.VERSION,
              "longshore-dataplane-7d4b9c-x2x5p",
              "default",
              "0.1.0",
              List.of(Features.REGEX_PATHS, Features.REWRITES),
              Hello.Role.ACTIVE,
              Versions.of(BEFORE)),
          new Ack(Versions.of(AFTER)),
          Nack.of(
              REFUSED,
              List.of(
                  new SnapshotError(
                      new EntryRef.Rule(RULE),
                      new EntryRef.Rule(RULE).path() + ".key.path",
                      "does not compile"))),
          new Stale(Versions.of(BEFORE)),
          new Resync("nothing newer came; an older table will do"),
          Unreadable.of("snapshot.rules[0].key.port: is unknown here; known are [host, path]"));

  private static final Origin ORIGIN =
      Origin.of(0, Map.of("WebSocketRoute", "48211", "Service", "40177", "EndpointSlice", "48190"));

  private static final List<FromOperator> HEARD =
      List.of(
          new SnapshotMessage(ORIGIN, BEFORE),
          new DeltaMessage(ORIGIN, SnapshotDelta.between(BEFORE, AFTER)),
          new Current(ORIGIN, Versions.of(AFTER)),
          new Fleet(3),
          new Goodbye(Goodbye.Reason.SHUTTING_DOWN, "this operator replica goes away"));

  @Test
  void theExamplesAreWhatTheCodecWritesAndReads() throws Exception {
    List<String> right = new ArrayList<>();
    for (FromDataPlane message : SAID) {
      right.add(pretty(PushCodec.write(message)));
    }
    for (FromOperator message : HEARD) {
      right.add(pretty(PushCodec.write(message)));
    }
    if (Boolean.getBoolean("golden.rewrite")) {
      var next = right.iterator();
      Function<MatchResult, String> example =
          match -> Matcher.quoteReplacement("```json\n" + next.next() + "```");
      Files.writeString(PAGE, EXAMPLE.matcher(Files.readString(PAGE)).replaceAll(example));
    }
    List<String> examples =
        EXAMPLE.matcher(Files.readString(PAGE)).results().map(match -> match.group(1)).toList();
    assertThat(examples).isEqualTo(right);
    List<Object> read = new ArrayList<>();
    for (String example : examples.subList(0, SAID.size())) {
      read.add(PushCodec.readFromDataPlane(example.getBytes(StandardCharsets.UTF_8)));
    }
    for (String example : examples.subList(SAID.size(), examples.size())) {
      read.add(PushCodec.readFromOperator(example.getBytes(StandardCharsets.UTF_8)));
    }
    assertThat(read.subList(0, SAID.size())).isEqualTo(SAID);
    assertThat(read.subList(SAID.size(), read.size())).isEqualTo(HEARD);
  }

  @Test
  void everyReasonAndEveryBoundIsExplained() throws Exception {
    String page = Files.readString(PAGE);
    for (Goodbye.Reason reason : Goodbye.Reason.values()) {
      assertThat(page).contains("| `" + reason + "` |");
    }
    assertThat(page)
        .contains(PushProtocol.PATH, PushProtocol.SUBPROTOCOL, PushProtocol.AUDIENCE)
        .contains("| " + (PushProtocol.MAX_OPERATOR_MESSAGE_BYTES >> 20) + " MiB;")
        .contains("| " + (PushProtocol.MAX_FRAME_BYTES >> 10) + " KiB:")
        .contains("| " + (PushProtocol.MAX_DATA_PLANE_MESSAGE_BYTES >> 20) + " MiB |")
        .contains("| " + Nack.MAX_ERRORS + " |");
  }

  private static RoutingSnapshot endpoint(int port) {
    return SnapshotBuilder.from(RoutingSnapshot.EMPTY)
        .put(
            new EndpointSet(
                new EndpointSetKey("demo", "chat", "http"),
                List.of(new Endpoint("192.168.3.1", port, Endpoint.State.READY))))
        .build();
  }

  private static String pretty(byte[] json) throws Exception {
    return PLAIN.writerWithDefaultPrettyPrinter().writeValueAsString(PLAIN.readTree(json)) + "\n";
  }
}
