package dev.longshore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.longshore.operator.translate.verdict.ConditionType;
import dev.longshore.operator.translate.verdict.Verdict;
import dev.longshore.operator.translate.verdict.Verdict.Condition;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/**
 * The folders of {@code e2e/corpus}, whose README says what stands in them: manifests in the shapes
 * that charts and people write, and what must come out, in {@code check}, in the verdicts of {@code
 * standalone} and on the wire.
 */
final class CorpusTest {
  private static final Path CORPUS = Path.of("../e2e/corpus");
  private static final YAMLMapper YAML = new YAMLMapper();

  @TempDir Path folder;

  static List<String> cases() throws IOException {
    try (Stream<Path> folders = Files.list(CORPUS)) {
      return folders
          .filter(Files::isDirectory)
          .map(path -> path.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  @Test
  void isThere() throws IOException {
    assertThat(cases()).hasSizeGreaterThanOrEqualTo(150);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void comesOutAsExpected(String name) throws Exception {
    Path manifests = CORPUS.resolve(name).resolve("manifests");
    JsonNode expected = YAML.readTree(CORPUS.resolve(name).resolve("expected.yaml").toFile());
    SoftAssertions all = new SoftAssertions();
    if (expected.has("check")) {
      StringWriter out = new StringWriter();
      CommandLine line = Longshore.commandLine();
      line.setOut(new PrintWriter(out));
      line.setErr(new PrintWriter(out));
      int code = line.execute("check", manifests.toString());
      all.assertThat(code).as("check: " + out).isEqualTo(expected.get("check").asInt());
      for (JsonNode part : expected.path("says")) {
        all.assertThat(out.toString()).as("check").contains(part.asText());
      }
    }
    try (ServedFolder served = ServedFolder.of(manifests, folder)) {
      Map<String, Verdict> verdicts = new TreeMap<>();
      served.verdicts().forEach((ref, verdict) -> verdicts.put(ref.toString(), verdict));
      expected
          .path("verdicts")
          .properties()
          .forEach(entry -> judge(all, entry.getKey(), entry.getValue(), verdicts));
      for (JsonNode request : expected.path("wire")) {
        URI uri = URI.create(request.get("get").asText());
        Map<String, String> headers = new TreeMap<>();
        request
            .path("headers")
            .properties()
            .forEach(header -> headers.put(header.getKey(), header.getValue().asText()));
        ServedFolder.Answer answer = served.ask(request.path("method").asText("GET"), uri, headers);
        all.assertThat(answer.status()).as(uri.toString()).isEqualTo(request.get("status").asInt());
        if (request.has("from")) {
          all.assertThat(answer.body()).as(uri.toString()).isEqualTo(request.get("from").asText());
        }
        if (request.has("location")) {
          all.assertThat(answer.location()).isEqualTo(request.get("location").asText());
        }
        request
            .path("fields")
            .properties()
            .forEach(
                field ->
                    all.assertThat(answer.fields().get(field.getKey().toLowerCase(Locale.ROOT)))
                        .as(uri + " " + field.getKey())
                        .isEqualTo(field.getValue().isNull() ? null : field.getValue().asText()));
      }
    }
    all.assertAll();
  }

  private static void judge(
      SoftAssertions all, String ref, JsonNode expected, Map<String, Verdict> verdicts) {
    Verdict verdict = verdicts.get(ref);
    if (verdict == null) {
      all.fail("no verdict of " + ref + " among " + verdicts.keySet());
      return;
    }
    Map<String, ConditionType> types =
        Map.of(
            "accepted", ConditionType.ACCEPTED,
            "resolved", ConditionType.RESOLVED_REFS,
            "endpoints", ConditionType.ENDPOINTS_READY);
    List<String> problems = new ArrayList<>();
    verdict
        .problems()
        .forEach(p -> problems.add(p.severity().label() + " " + p.reason() + " " + p.text()));
    types.forEach(
        (field, type) -> {
          if (expected.has(field)) {
            all.assertThat(verdict.condition(type).map(Condition::status).orElse(null))
                .as(ref + " " + field + " " + problems)
                .isEqualTo(expected.get(field).asBoolean());
          }
        });
    if (expected.has("serves")) {
      all.assertThat(verdict.serves())
          .as(ref + " serves")
          .isEqualTo(expected.get("serves").asBoolean());
    }
    List<String> left = new ArrayList<>(problems);
    for (JsonNode problem : expected.path("problems")) {
      all.assertThat(left.removeIf(p -> p.contains(problem.asText())))
          .as(ref + ": " + problem.asText() + " in " + problems)
          .isTrue();
    }
    // Notes may be more; warnings are all told.
    left.removeIf(problem -> problem.startsWith("Normal"));
    all.assertThat(left).as(ref + ": other warnings").isEmpty();
  }
}
