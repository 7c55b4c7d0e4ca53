package dev.longshore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.longshore.operator.source.View;
import dev.longshore.operator.source.folder.FolderSource;
import dev.longshore.operator.translate.Translator;
import dev.longshore.operator.translate.claim.TranslatorOptions;
import dev.longshore.proxy.DataPlane;
import dev.longshore.proxy.DataPlaneOptions;
import dev.longshore.proxy.DataPlaneOptions.Transport;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever is translated, a data plane takes: it validates, compiles and swaps the tables of every
 * folder of the corpus and every golden file, as they are and spoilt in ways in which people and
 * attackers spoil manifests. A table that is refused would freeze everybody's configuration.
 */
@Timeout(300)
class TranslatedTablesTest {
  private static final int ROUNDS = 150;

  private static final List<String> TEXTS =
      List.of(
          "",
          " ",
          "\u0000",
          "%2f%5c%00%2e",
          "/../../..",
          "//",
          "*",
          "*.",
          "*.*",
          "é漢\ud83d\ude00",
          "\ud800",
          "(((a{1000}){1000}){1000}",
          "(a|b{0,900})*c{0,99}",
          "(?i)^/x(?P<n>.*)$",
          "[[:alpha:",
          "\\Q",
          "$1$2${name}",
          "999999999999999999",
          "-1",
          "0s",
          "1h2m3s4ms5h",
          "106751d",
          "10.0.0.0/8/8",
          "0.0.0.0/0",
          "::ffff:127.0.0.1",
          "fe80::1%eth0",
          "255.255.255.255",
          "Host",
          "Connection",
          "Sec-WebSocket-Key",
          ":authority",
          "a: b\r\nc: d",
          "x".repeat(64),
          "x".repeat(300),
          "/" + "y".repeat(5_000),
          "/é/%c3%a9/;a=b/./",
          "z,".repeat(20_000),
          "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");

  private static final List<Integer> NUMBERS =
      List.of(Integer.MIN_VALUE, -1, 0, 1, 100, 101, 65_535, 65_536, 1_000_001, Integer.MAX_VALUE);

  private static final YAMLMapper YAML = new YAMLMapper();
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;
  private final DataPlane dataPlane =
      new DataPlane(
          new DataPlaneOptions(
              List.of(new InetSocketAddress("127.0.0.1", 0)),
              List.of(),
              new InetSocketAddress("127.0.0.1", 0),
              new InetSocketAddress("127.0.0.1", 0),
              1,
              Transport.NIO),
          OutputStream.nullOutputStream());

  @AfterEach
  void close() {
    dataPlane.close();
  }

  private static List<Path> manifests() throws IOException {
    List<Path> all = new ArrayList<>();
    for (Path root : List.of(Path.of("../e2e/corpus"), Path.of("../operator/src/test/resources"))) {
      try (Stream<Path> files = Files.walk(root)) {
        files
            .filter(file -> file.toString().endsWith(".yaml"))
            .filter(file -> !file.endsWith("expected.yaml"))
            .filter(file -> !file.toString().endsWith(".out.yaml"))
            .sorted()
            .forEach(all::add);
      }
    }
    assertThat(all).hasSizeGreaterThan(150);
    return all;
  }

  private static List<JsonNode> read(Path file) {
    List<JsonNode> documents = new ArrayList<>();
    try (var values = YAML.readerFor(JsonNode.class).<JsonNode>readValues(file.toFile())) {
      while (values.hasNextValue()) {
        documents.add(values.nextValue());
      }
    } catch (IOException e) {
      // As others write it: what stands before is enough.
    }
    documents.removeIf(document -> !document.isObject());
    return documents;
  }

  private static TranslatorOptions options(boolean standalone) {
    return standalone ? TranslatorOptions.STANDALONE : TranslatorOptions.CLUSTER;
  }

  private void taken(String what, TranslatorOptions options, View view) {
    assertThat(dataPlane.apply(new Translator(options).translate(view).snapshot()))
        .as(what)
        .isEmpty();
  }

  private View view(Path file) throws IOException {
    try (FolderSource source = new FolderSource(file)) {
      return source.read().view();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void asTheyAre(boolean standalone) throws Exception {
    for (Path file : manifests()) {
      taken(file.toString(), options(standalone), view(file));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void spoilt(long seed) throws Exception {
    List<List<JsonNode>> all =
        manifests().stream()
            .map(TranslatedTablesTest::read)
            .filter(documents -> !documents.isEmpty())
            .toList();
    Map<String, List<JsonNode>> byField = new HashMap<>();
    all.forEach(documents -> documents.forEach(document -> collect(document, byField)));
    SplittableRandom random = new SplittableRandom(seed);
    Path file = folder.resolve("spoilt.yaml");
    int rules = 0;
    for (int round = 0; round < ROUNDS; round++) {
      List<JsonNode> documents = new ArrayList<>();
      // Of two files, so that one may take the other's hosts, names and Secrets.
      for (int of = 0; of < 2; of++) {
        all.get(random.nextInt(all.size())).forEach(document -> documents.add(document.deepCopy()));
      }
      for (int edits = random.nextInt(1, 4); edits > 0; edits--) {
        spoil(documents.get(random.nextInt(documents.size())), byField, random);
      }
      String text = text(documents);
      Files.writeString(file, text);
      View view = view(file);
      taken(
          "seed %d, round %d: %s".formatted(seed, round, brief(text)),
          options(random.nextBoolean()),
          view);
      rules +=
          new Translator(TranslatorOptions.STANDALONE).translate(view).snapshot().rules().size();
    }
    assertThat(rules).as("most of it says something").isGreaterThan(ROUNDS);
  }

  private static String brief(String text) {
    return text.length() <= 4000 ? text : text.substring(0, 4000) + "…";
  }

  private static String text(List<JsonNode> documents) throws JsonProcessingException {
    StringBuilder text = new StringBuilder();
    for (JsonNode document : documents) {
      // JSON is YAML, but for a lone surrogate, which no file holds.
      text.append("---\n").append(JSON.writeValueAsString(document)).append('\n');
    }
    return text.toString().replace('\ud800', '?');
  }

  private static void collect(JsonNode node, Map<String, List<JsonNode>> byField) {
    if (node instanceof ObjectNode object) {
      object
          .properties()
          .forEach(
              each ->
                  byField
                      .computeIfAbsent(each.getKey(), _ -> new ArrayList<>())
                      .add(each.getValue()));
    }
    node.forEach(child -> collect(child, byField));
  }

  /** Changes something at a random depth. */
  private static void spoil(
      JsonNode document, Map<String, List<JsonNode>> byField, SplittableRandom random) {
    JsonNode at = document;
    while (true) {
      List<JsonNode> inner = new ArrayList<>();
      at.forEach(
          child -> {
            if (child.isContainerNode() && !child.isEmpty()) {
              inner.add(child);
            }
          });
      if (inner.isEmpty() || (at != document && random.nextInt(4) == 0)) {
        break;
      }
      at = inner.get(random.nextInt(inner.size()));
    }
    switch (at) {
      case ObjectNode object -> {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        String name = names.get(random.nextInt(names.size()));
        switch (random.nextInt(8)) {
          case 0 -> object.remove(name);
          case 1, 2 -> {
            List<JsonNode> others = byField.getOrDefault(name, List.of(NullNode.instance));
            object.set(name, others.get(random.nextInt(others.size())).deepCopy());
          }
          default -> object.set(name, value(object.get(name), random));
        }
      }
      case ArrayNode array -> {
        int index = random.nextInt(array.size());
        switch (random.nextInt(4)) {
          case 0 -> array.remove(index);
          case 1 -> {
            JsonNode item = array.get(index);
            for (int i = random.nextInt(1, 200); i > 0; i--) {
              array.add(item.deepCopy());
            }
          }
          default -> array.set(index, value(array.get(index), random));
        }
      }
      default -> throw new AssertionError(at);
    }
  }

  /** Mostly of the same type, so that more than the reader has to do with it. */
  private static JsonNode value(JsonNode before, SplittableRandom random) {
    boolean same = random.nextInt(8) != 0;
    if (before.isNumber() == same && (before.isNumber() || random.nextInt(3) == 0)) {
      return IntNode.valueOf(NUMBERS.get(random.nextInt(NUMBERS.size())));
    }
    if (before.isBoolean() && same) {
      return BooleanNode.valueOf(!before.booleanValue());
    }
    return TextNode.valueOf(TEXTS.get(random.nextInt(TEXTS.size())));
  }
}
