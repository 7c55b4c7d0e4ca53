package dev.longshore.operator.translate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.longshore.contract.SnapshotValidator;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.claim.TranslatorOptions;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever a string or a number of a manifest is, nothing throws and the snapshot is valid
 * (CVE-2025-1974 and CVE-2026-3288 show what strings of manifests are used for).
 */
class FuzzTest {
  private static final int ROUNDS = 12;
  private static final List<String> HOSTILE =
      List.of(
          "",
          " ",
          "\n",
          "a\nb: c",
          ";",
          "{",
          "}",
          "\"",
          "$",
          "${x}",
          "#",
          "\\",
          "\u0000",
          "%",
          "%zz",
          "%2f%5c%00%2e",
          "/..;/",
          "/a/../../..",
          "//",
          "*",
          "*.",
          "*.*",
          "..",
          "é漢\ud83d\ude00",
          "\ud800",
          "(((a{1000}){1000}){1000}){1000}",
          "[[:alpha:",
          "\\Q",
          "999999999999999999999",
          "-1",
          "1h2m3s4ms5h",
          "10.0.0.0/8/8",
          "::ffff:127.0.0.1",
          "1:2:3",
          "0x7f.1",
          "x".repeat(300),
          "/" + "y".repeat(5_000),
          "z,".repeat(50_000));

  /** Around the bounds of fields, and far beyond them. */
  private static final List<Integer> NUMBERS =
      List.of(
          Integer.MIN_VALUE,
          -1,
          0,
          1,
          100,
          101,
          1_001,
          10_001,
          100_001,
          100_000_001,
          1_100_000_000);

  private final ObjectMapper json = new ObjectMapper();

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anyStringAnywhere(boolean standalone) {
    TranslatorOptions options =
        standalone ? TranslatorOptions.STANDALONE : TranslatorOptions.CLUSTER;
    Random random = new Random(standalone ? 1 : 2);
    int mutated = 0;
    for (String name : GoldenFiles.cases()) {
      List<HasMetadata> resources = Manifests.read(GoldenFiles.in(name));
      for (int round = 0; round < ROUNDS; round++) {
        View view = View.EMPTY;
        int victim = random.nextInt(resources.size());
        for (int i = 0; i < resources.size(); i++) {
          HasMetadata resource = resources.get(i);
          view = view.with(i == victim ? mutated(resource, random) : resource);
        }
        mutated++;
        Translation translation = new Translator(options).translate(view);
        assertThat(SnapshotValidator.validate(translation.snapshot()))
            .as("%s, round %d", name, round)
            .isEmpty();
        translation
            .verdicts()
            .forEach(
                (ref, verdict) ->
                    assertThat(verdict.problems())
                        .allSatisfy(
                            problem ->
                                assertThat(problem.text())
                                    .hasSizeLessThan(1500)
                                    .doesNotContain("bug of the operator")
                                    .doesNotContain("\n")));
      }
    }
    assertThat(mutated).isGreaterThan(500);
  }

  /** The resource with one string replaced; as it was when that isn't of the type any more. */
  private HasMetadata mutated(HasMetadata resource, Random random) {
    String hostile = HOSTILE.get(random.nextInt(HOSTILE.size()));
    ObjectNode tree = json.valueToTree(resource);
    List<Consumer<JsonNode>> places = new ArrayList<>();
    collect(tree.path("spec"), places);
    collect(tree.path("metadata").path("annotations"), places);
    for (String field :
        List.of("endpoints", "ports", "data", "stringData", "addressType", "type")) {
      if (tree.has(field)) {
        collect(tree, field, places);
      }
    }
    if (places.isEmpty()) {
      return resource;
    }
    // A place that doesn't take a string takes a number, and the other way round.
    places
        .get(random.nextInt(places.size()))
        .accept(
            random.nextInt(4) == 0
                ? IntNode.valueOf(NUMBERS.get(random.nextInt(NUMBERS.size())))
                : TextNode.valueOf(hostile));
    try {
      return json.treeToValue(tree, Kind.of(resource).orElseThrow().type());
    } catch (JsonProcessingException e) {
      // Not a string by its type, or a choice: an API server refuses it, and so does the folder.
      return resource;
    }
  }

  private static void collect(JsonNode node, List<Consumer<JsonNode>> places) {
    switch (node) {
      case ObjectNode object ->
          object.fieldNames().forEachRemaining(field -> collect(object, field, places));
      case ArrayNode array -> {
        for (int i = 0; i < array.size(); i++) {
          int index = i;
          if (array.get(i).isValueNode()) {
            places.add(value -> array.set(index, value));
          } else {
            collect(array.get(i), places);
          }
        }
      }
      default -> {}
    }
  }

  private static void collect(JsonNode parent, String field, List<Consumer<JsonNode>> places) {
    if (parent.get(field).isValueNode()) {
      places.add(value -> ((ObjectNode) parent).set(field, value));
    } else {
      collect(parent.get(field), places);
    }
  }
}
