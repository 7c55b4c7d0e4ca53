package dev.longshore.contract.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.longshore.contract.EntryRef;
import dev.longshore.contract.PoolKey;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.Samples;
import dev.longshore.contract.SnapshotBuilder;
import dev.longshore.contract.SnapshotDelta;
import dev.longshore.contract.SnapshotDelta.Versions;
import dev.longshore.contract.SnapshotError;
import dev.longshore.contract.SnapshotFormatException;
import dev.longshore.contract.Version;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PushCodecTest {
  private static final RoutingSnapshot SNAPSHOT = Samples.snapshot(20);
  private static final Versions VERSIONS = Versions.of(SNAPSHOT);
  private static final Origin ORIGIN = Origin.of(3, Map.of("Ingress", "120", "Service", "99"));
  private static final Hello HELLO =
      new Hello(
          1,
          "longshore-dataplane-7d4b9-x2x5p",
          "default",
          "0.1.0",
          List.of("rewrites", "matches"),
          Hello.Role.ACTIVE,
          VERSIONS);

  @Test
  void whatADataPlaneSaysComesBack() throws Exception {
    for (FromDataPlane message :
        List.of(
            HELLO,
            new Hello(1, "a", "b", "c", List.of(), Hello.Role.STANDBY, null),
            new Ack(VERSIONS),
            nackOfEverything(),
            new Stale(VERSIONS),
            new Resync("the delta is for another version"),
            Unreadable.of("delta.upserts.rules[0].key.port: is unknown here"))) {
      byte[] json = PushCodec.write(message);
      assertThat(new String(json, StandardCharsets.US_ASCII)).startsWith("{\"type\":\"");
      assertThat(PushCodec.readFromDataPlane(json)).isEqualTo(message);
    }
  }

  @Test
  void whatTheOperatorSaysComesBack() throws Exception {
    Random random = new Random(7);
    SnapshotBuilder builder = SnapshotBuilder.from(SNAPSHOT);
    for (int i = 0; i < 30; i++) {
      Samples.edit(random).accept(builder);
    }
    for (FromOperator message :
        List.of(
            new SnapshotMessage(ORIGIN, SNAPSHOT),
            new SnapshotMessage(ORIGIN, RoutingSnapshot.EMPTY),
            new DeltaMessage(ORIGIN, SnapshotDelta.between(SNAPSHOT, builder.build())),
            new Current(ORIGIN, VERSIONS),
            new Fleet(3),
            new Goodbye(Goodbye.Reason.REPLACED, "another channel of this node was opened"))) {
      byte[] json = PushCodec.write(message);
      assertThat(PushCodec.readFromOperator(json)).isEqualTo(message);
      assertThat(PushCodec.readFromOperator(new ByteArrayInputStream(json))).isEqualTo(message);
    }
  }

  @Test
  void aMessageShowsNoKeyInText() {
    assertThat(new SnapshotMessage(ORIGIN, SNAPSHOT).toString())
        .doesNotContain("PRIVATE KEY")
        .contains(SNAPSHOT.version().brief());
  }

  /** Renamed, a field is unknown, and the one it was is missing. */
  @Test
  void everyFieldIsRequiredAndNothingElseIsKnown() {
    for (FromDataPlane message : List.of(HELLO, new Ack(VERSIONS), nackOfEverything())) {
      String json = text(PushCodec.write(message));
      var fields = Pattern.compile("\"([a-zA-Z]+)\":").matcher(json);
      int tried = 0;
      while (fields.find()) {
        String renamed = json.substring(0, fields.start(1)) + "x" + json.substring(fields.start(1));
        assertThatThrownBy(() -> PushCodec.readFromDataPlane(bytes(renamed)))
            .as(fields.group(1))
            .isInstanceOf(SnapshotFormatException.class);
        tried++;
      }
      assertThat(tried).isGreaterThan(3);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "type":"hello"            | "type":"howdy"              | ''       | is of the unknown type 'howdy'
          "type":"hello",           |                             | ''       | missing type id property 'type'
          "type":"hello"            | "type":"ack"                | protocol | is unknown here
          "type":"hello"            | "type":"snapshot"           | ''       | is of the unknown type 'snapshot'
          "protocol":1              | "protocol":"1"              | protocol | int
          "protocol":1              | "protocol":1,"protocol":1   | ''       | Duplicate field 'protocol'
          "node":"longshore         | "node":"-longshore          | ''       | node must be 1 to 253 letters
          "group":"default"         | "group":"a/b"               | ''       | group must be 1 to 63
          "group":"default"         | "group":""                  | ''       | group must be 1 to 63
          "matches"                 | "ma tches"                  | ''       | a feature must be
          "matches"                 | null                        | features[0] | null
          "ACTIVE"                  | "active"                    | role     | not one of the values
          "applied":{"version":"    | "applied":{"version":"x     | applied.version | is not a version
          """)
  void refusesWhatIsNotAsWritten(String right, String wrong, String path, String problem) {
    String json = text(PushCodec.write(HELLO));
    assertThat(json).contains(right);
    String broken = json.replace(right, wrong == null ? "" : wrong);
    var refused =
        catchThrowableOfType(
            SnapshotFormatException.class, () -> PushCodec.readFromDataPlane(bytes(broken)));
    assertThat(refused).isNotNull();
    assertThat(refused.path()).isEqualTo(path);
    assertThat(refused).hasMessageContaining(problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ``
          null
          []
          {}
          "hello"
          {"type":1}
          {"type":"resync","why":"x"} {}
          """)
  void refusesWhatIsNoMessage(String json) {
    assertThatThrownBy(() -> PushCodec.readFromDataPlane(bytes(json)))
        .isInstanceOf(SnapshotFormatException.class);
    assertThatThrownBy(() -> PushCodec.readFromOperator(bytes(json)))
        .isInstanceOf(SnapshotFormatException.class);
  }

  @Test
  void refusesOverlongTexts() {
    String text = "a".repeat(4097);
    assertThatThrownBy(
            () ->
                PushCodec.readFromDataPlane(
                    bytes("{\"type\":\"resync\",\"why\":\"" + text + "\"}")))
        .hasMessageContaining("why must be at most 4096 characters");
    assertThat(Unreadable.of(text).problem()).hasSize(4096).endsWith("…");
  }

  @Test
  void aSnapshotInAMessageIsCheckedAsOneByItself() {
    String json = text(PushCodec.write(new SnapshotMessage(ORIGIN, SNAPSHOT)));
    assertThatThrownBy(
            () ->
                PushCodec.readFromOperator(
                    bytes(json.replace("\"slowStart\":\"30s\"", "\"slowStart\":\"31s\""))))
        .hasMessageContaining("version: is not that of the content");
    assertThatThrownBy(
            () -> PushCodec.readFromOperator(bytes(json.replace("\"retries\":0", "\"retries\":1"))))
        .hasMessageContaining("its id is not that of the content");
    assertThatThrownBy(() -> PushCodec.readFromOperator(bytes(json.replace("\"120\"", "\"0120\""))))
        .hasMessageContaining("without leading zeros");
  }

  @Test
  void aNackNamesTheEntriesThatWereRefused() {
    EntryRef rule = new EntryRef.Rule(firstRule());
    EntryRef none = new EntryRef.PolicyId("none");
    Nack nack =
        Nack.of(
            SNAPSHOT,
            List.of(
                new SnapshotError(rule, rule.path(), "does not compile"),
                new SnapshotError(none, none.path(), "is not there")));
    assertThat(nack.rejected()).isEqualTo(VERSIONS);
    assertThat(nack.errors().getFirst().content()).isEqualTo(SNAPSHOT.versionOf(rule));
    assertThat(nack.errors().getLast().content()).isNull();
    assertThat(nack.omitted()).isZero();
  }

  @Test
  void aNackOfAnythingFitsIntoAMessage() throws Exception {
    List<SnapshotError> errors = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      EntryRef entry = new EntryRef.Pool(new PoolKey("k", "n", "r" + i, "u"));
      errors.add(new SnapshotError(entry, "\u0001".repeat(9000), "\u0001".repeat(9000)));
    }
    EntryRef endless = new EntryRef.PolicyId("\u0001".repeat(1 << 20));
    errors.addFirst(new SnapshotError(endless, "policies", "is endless"));
    Nack nack = Nack.of(SNAPSHOT, errors);
    byte[] json = PushCodec.write(nack);
    assertThat(json).hasSizeLessThanOrEqualTo(PushProtocol.MAX_DATA_PLANE_MESSAGE_BYTES);
    assertThat(nack.errors().size() + nack.omitted()).isEqualTo(1001);
    assertThat(PushCodec.readFromDataPlane(json)).isEqualTo(nack);
  }

  @Test
  void anEntrysVersionIsTheSameInEverySnapshotThatHoldsIt() {
    EntryRef rule = new EntryRef.Rule(firstRule());
    SnapshotBuilder builder = SnapshotBuilder.from(SNAPSHOT);
    SNAPSHOT.pools().forEach((key, pool) -> builder.removePool(key));
    assertThat(builder.build().versionOf(rule)).isEqualTo(SNAPSHOT.versionOf(rule)).isNotNull();
    assertThat(RoutingSnapshot.EMPTY.versionOf(rule)).isNull();
    // The version of a set is the sum of those of its entries.
    assertThat(RoutingSnapshot.EMPTY.versionOf(new EntryRef.AllSettings()))
        .isEqualTo(RoutingSnapshot.EMPTY.version())
        .isNotEqualTo(Version.EMPTY);
  }

  private static Nack nackOfEverything() {
    List<EntryRef> entries = new ArrayList<>();
    entries.add(new EntryRef.Rule(firstRule()));
    SNAPSHOT.pools().forEach((key, pool) -> entries.add(new EntryRef.Pool(key)));
    SNAPSHOT.endpointSets().forEach((key, set) -> entries.add(new EntryRef.Endpoints(key)));
    SNAPSHOT.certificates().forEach((key, certificate) -> entries.add(new EntryRef.Tls(key)));
    SNAPSHOT.policies().forEach((id, policy) -> entries.add(new EntryRef.PolicyId(id)));
    SNAPSHOT.credentials().forEach((id, shared) -> entries.add(new EntryRef.Credentials(id)));
    entries.add(new EntryRef.OfListener("internal"));
    entries.add(new EntryRef.AllSettings());
    return Nack.of(
        SNAPSHOT, entries.stream().map(e -> new SnapshotError(e, e.path(), "is wrong")).toList());
  }

  private static RuleKey firstRule() {
    List<RuleKey> keys = new ArrayList<>();
    SNAPSHOT.rules().forEach((key, rule) -> keys.add(key));
    return keys.getFirst();
  }

  private static String text(byte[] json) {
    return new String(json, StandardCharsets.US_ASCII);
  }

  private static byte[] bytes(String json) {
    return json.getBytes(StandardCharsets.UTF_8);
  }
}
