package dev.longshore.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.longshore.contract.policy.Policy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SnapshotCodecTest {
  /** Rewrite them with -Dgolden.rewrite. */
  private static final Path GOLDEN = Path.of("src/test/resources/golden");

  private static final ObjectMapper PLAIN = new ObjectMapper();

  @Test
  void writesASnapshotAsTheGoldenFileHasIt() throws Exception {
    byte[] json = SnapshotCodec.write(Samples.snapshot(10));
    assertGolden("snapshot.json", json);
    assertThat(SnapshotCodec.readSnapshot(Files.readAllBytes(GOLDEN.resolve("snapshot.json"))))
        .isEqualTo(Samples.snapshot(10));
  }

  @Test
  void writesADeltaAsTheGoldenFileHasIt() throws Exception {
    RoutingSnapshot older = Samples.snapshot(10);
    SnapshotBuilder builder = SnapshotBuilder.from(older);
    builder.put(Samples.rule(1, List.of(), builder.policy(Policy.DEFAULT)));
    builder.put(Samples.unavailable(2)).removeRule(Samples.ruleKey(3));
    builder.put(Samples.endpointSet(0, 9)).removePool(Samples.poolKey(1));
    SnapshotDelta delta = SnapshotDelta.between(older, builder.build());
    assertGolden("delta.json", SnapshotCodec.write(delta));
    assertThat(SnapshotCodec.readDelta(Files.readAllBytes(GOLDEN.resolve("delta.json"))))
        .isEqualTo(delta);
  }

  @Test
  void aRedactedSnapshotHasEverythingButSecrets() throws Exception {
    byte[] json = SnapshotCodec.redacted(Samples.snapshot(10));
    assertGolden("redacted.json", json);
    String text = new String(json, StandardCharsets.UTF_8);
    assertThat(text)
        .contains("[redacted]")
        .doesNotContain("PRIVATE KEY")
        .doesNotContain("c2VjcmV0")
        .doesNotContain(Samples.AFFINITY_KEY);
    assertThat(
            text.replaceAll(
                    "(\"type\"\\s*:\\s*\"EXACT\",\\s*\"value\"\\s*:\\s*)\"\\[redacted]\"",
                    "$1\"1\"")
                .replace("\"value\" : \"[redacted]\"", "\"value\" : \"b\"")
                .replace("\"key\" : \"[redacted]\"", "\"key\" : \"" + Samples.AFFINITY_KEY + "\"")
                .replace("\"[redacted]\"", PLAIN.writeValueAsString(Samples.PRIVATE_KEY)))
        .isEqualTo(
            PLAIN
                .writerWithDefaultPrettyPrinter()
                .writeValueAsString(PLAIN.readTree(SnapshotCodec.write(Samples.snapshot(10)))));
  }

  @Test
  void aMapperThatKnowsNothingOfSecretsShowsNone() {
    ObjectMapper lax = new ObjectMapper().disable(SerializationFeature.FAIL_ON_EMPTY_BEANS);
    assertThat(lax.valueToTree(Samples.certificate(0, "hush")).toString()).doesNotContain("hush");
  }

  @Test
  void aDumpIsCanonical() throws Exception {
    byte[] json = SnapshotCodec.write(Samples.snapshot(40));
    assertThat(SnapshotCodec.write(SnapshotCodec.readSnapshot(json))).isEqualTo(json);
    assertThat(SnapshotCodec.readSnapshot(SnapshotCodec.write(RoutingSnapshot.EMPTY)))
        .isEqualTo(RoutingSnapshot.EMPTY);
  }

  @Test
  void everyEntryIsRequiredAndNothingElseIsKnown() throws Exception {
    String json = text(Samples.snapshot(10));
    // Every field of the document once: removed, it is missing or, as a nullable one, another
    // version; renamed, it is unknown.
    var fields = Pattern.compile("\"([a-zA-Z]+)\":").matcher(json);
    int tried = 0;
    while (fields.find()) {
      String renamed = json.substring(0, fields.start(1)) + "x" + json.substring(fields.start(1));
      assertThatThrownBy(() -> SnapshotCodec.readSnapshot(bytes(renamed)))
          .as(fields.group(1))
          .isInstanceOf(SnapshotFormatException.class);
      tried++;
    }
    assertThat(tried).isGreaterThan(100);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "host":"*"                | "host":"*","extra":1              | rules[0].key.extra              | is unknown here; known are [
          "host":"*",               |                                   | rules[0].key                    | Missing required creator property 'host'
          "host":"*"                | "host":null                       | rules[0].key.host               | null
          "host":"*"                | "host":7                          | rules[0].key.host               | Integer
          "host":"*"                | "host":true                       | rules[0].key.host               | Boolean
          "host":"*"                | "host":"*","host":"*"             | rules[0].key                    | Duplicate field 'host'
          "pathType":"EXACT"        | "pathType":"exact"                | rules[0].key.pathType           | not one of the values
          "pathType":"EXACT"        | "pathType":0                      | rules[0].key.pathType           | PathType
          "index":0                 | "index":0.5                       | rules[0].source.index           | 0.5
          "index":0                 | "index":"0"                       | rules[0].source.index           | int
          "index":0                 | "index":99999999999               | rules[0].source.index           | out of range
          "action":{"forward":      | "action":{"backward":             | rules[0].action                 | backward
          "headers":[{              | "headers":[null,{                 | rules[0].key.matches.headers    | null
          "slowStart":"30s"         | "slowStart":"PT30S"               | pools[0].slowStart              | is not a duration such as
          "slowStart":"30s"         | "slowStart":30                    | pools[0].slowStart              | is not a string
          "slowStart":"30s"         | "slowStart":"31s"                 | version                         | is not that of the content
          "port":3000,"state":"R    | "port":3001,"state":"R            | endpointsVersion                | is not that of the content
          ["10.0.0.0/8"]            | ["10.0.0.1/8"]                    | settings.trustedProxies[0]      | bits set beyond its prefix
          ["10.0.0.0/8"]            | ["10.0.0.1"]                      | settings.trustedProxies[0]      | is written 10.0.0.1/32
          "retries":0               | "retries":1                       | policies                        | is not that of the content
          "version":"               | "version":"x                      | version                         | is not a version
          "settings":{              | "settings":[{                     | settings                        | Settings
          """)
  void refusesWhatIsNotAsWritten(String right, String wrong, String path, String problem)
      throws Exception {
    String json = text(Samples.snapshot(10));
    assertThat(json).contains(right);
    int at = json.indexOf(right);
    String broken =
        json.substring(0, at) + (wrong == null ? "" : wrong) + json.substring(at + right.length());
    var refused =
        catchThrowableOfType(
            SnapshotFormatException.class, () -> SnapshotCodec.readSnapshot(bytes(broken)));
    assertThat(refused).isNotNull();
    assertThat(refused.path()).startsWith(path);
    assertThat(refused).hasMessageStartingWith(refused.path() + ": ").hasMessageContaining(problem);
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
          "x"
          {}
          {"version"
          {} {}
          """)
  void refusesWhatIsNoDocument(String json) {
    assertThatThrownBy(() -> SnapshotCodec.readSnapshot(bytes(json)))
        .isInstanceOf(SnapshotFormatException.class);
    assertThatThrownBy(() -> SnapshotCodec.readDelta(bytes(json)))
        .isInstanceOf(SnapshotFormatException.class);
  }

  /** What an operator of before says nothing of is nowhere, and what it says has the same form. */
  @Test
  void http2IsThereOnlyIfItIsSaid() throws Exception {
    RoutingSnapshot without = Samples.snapshot(1);
    RoutingSnapshot with =
        SnapshotBuilder.from(without)
            .settings(without.settings().with(new Settings.Http2(true, false, 7)))
            .build();
    assertThat(text(without)).doesNotContain("http2");
    assertThat(text(with))
        .containsIgnoringWhitespaces(
            "\"http2\":{\"https\":true,\"http\":false,\"maxConcurrentStreams\":7}");
    assertThat(SnapshotCodec.readSnapshot(bytes(text(with)))).isEqualTo(with);
    assertThat(with.settings().withoutHttp2()).isEqualTo(without.settings());
  }

  @Test
  void refusesWhatTrails() throws Exception {
    String json = text(Samples.snapshot(1));
    assertThatThrownBy(() -> SnapshotCodec.readSnapshot(bytes(json + "{}")))
        .isInstanceOf(SnapshotFormatException.class);
  }

  @Test
  void refusesAKeyThatIsThereTwice() throws Exception {
    String json = text(Samples.snapshot(1));
    int start = json.indexOf("\"pools\":[") + "\"pools\":[".length();
    String pool = json.substring(start, json.indexOf("],\"endpointSets\""));
    String twice = json.substring(0, start) + pool + "," + json.substring(start);
    assertThatThrownBy(() -> SnapshotCodec.readSnapshot(bytes(twice)))
        .hasMessage("pools[1]: its key is there twice");
  }

  @Test
  void refusesAPolicyThatNoRuleRefersTo() throws Exception {
    SnapshotDocument document = SnapshotDocument.of(RoutingSnapshot.EMPTY);
    String id = SnapshotBuilder.from(RoutingSnapshot.EMPTY).policy(Policy.DEFAULT);
    SnapshotDocument idle =
        new SnapshotDocument(
            document.version(),
            document.endpointsVersion(),
            document.settings(),
            List.of(new InternedPolicy(id, Policy.DEFAULT)),
            document.rules(),
            document.pools(),
            document.endpointSets(),
            document.certificates(),
            null,
            null);
    byte[] json = SnapshotJson.full().writeValueAsBytes(idle);
    assertThatThrownBy(() -> SnapshotCodec.readSnapshot(json))
        .hasMessage("policies[0]: no rule refers to it");
  }

  @Test
  void boundsDepthAndStrings() throws Exception {
    String deep = "[".repeat(SnapshotJson.MAX_DEPTH + 1);
    assertThatThrownBy(() -> SnapshotCodec.readSnapshot(bytes("{\"rules\":" + deep)))
        .isInstanceOf(SnapshotFormatException.class);
    String long_ = "a".repeat(SnapshotJson.MAX_STRING_CHARS + 1);
    String json = text(Samples.snapshot(1)).replaceFirst("\"location\":\"", "$0" + long_);
    assertThatThrownBy(() -> SnapshotCodec.readSnapshot(bytes(json)))
        .isInstanceOf(SnapshotFormatException.class)
        .hasMessageContaining("maximum allowed");
  }

  @Test
  void anErrorNeverRepeatsAKey() throws Exception {
    String json = text(Samples.snapshot(1));
    String quoted = "\"privateKey\":\"";
    int end = quoted.length() + json.indexOf(quoted);
    for (String broken :
        List.of(
            json.replace(quoted, "\"privateKey\":["),
            json.replace(quoted, "\"privateKey\":c2VjcmV0"),
            json.replace(quoted, "\"privateKey\":[\""),
            json.replace(quoted, "\"privateKeys\":\""),
            json.replace("\"privateKey\":", ""),
            json.substring(0, end + 40),
            json.substring(0, end) + "\u0001" + json.substring(end))) {
      var refused =
          catchThrowableOfType(
              SnapshotFormatException.class, () -> SnapshotCodec.readSnapshot(bytes(broken)));
      assertThat(refused).isNotNull();
      assertThat(refused.getCause()).isNull();
      assertThat(refused.getMessage())
          .doesNotContain("c2VjcmV0")
          .doesNotContain("PRIVATE")
          .hasSizeLessThan(300);
    }
  }

  static String pretty(byte[] json) throws IOException {
    return PLAIN.writerWithDefaultPrettyPrinter().writeValueAsString(PLAIN.readTree(json)) + "\n";
  }

  private static void assertGolden(String name, byte[] json) throws IOException {
    String pretty = pretty(json);
    Path file = GOLDEN.resolve(name);
    if (Boolean.getBoolean("golden.rewrite")) {
      Files.createDirectories(GOLDEN);
      Files.writeString(file, pretty);
    }
    assertThat(file).content().isEqualTo(pretty);
  }

  private static String text(RoutingSnapshot snapshot) {
    return new String(SnapshotCodec.write(snapshot), StandardCharsets.US_ASCII);
  }

  private static byte[] bytes(String json) {
    return json.getBytes(StandardCharsets.UTF_8);
  }
}
