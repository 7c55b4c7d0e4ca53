package dev.longshore.operator.translate;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.View;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads the manifests of tests, as an API server would hand them out: already parsed. */
final class Manifests {
  private static final ObjectMapper YAML =
      YAMLMapper.builder()
          .configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, true)
          .build();

  private Manifests() {}

  static List<HasMetadata> read(String yaml) {
    try (MappingIterator<JsonNode> documents = YAML.readerFor(JsonNode.class).readValues(yaml)) {
      List<HasMetadata> resources = new ArrayList<>();
      for (JsonNode document : documents.readAll()) {
        if (!document.isMissingNode() && !document.isNull()) {
          resources.add(read(document));
        }
      }
      return resources;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static View view(String yaml) {
    View view = View.EMPTY;
    for (HasMetadata resource : read(yaml)) {
      view = view.with(resource);
    }
    return view;
  }

  private static HasMetadata read(JsonNode document) throws IOException {
    String label = document.path("kind").asText();
    Kind kind =
        Arrays.stream(Kind.values())
            .filter(candidate -> candidate.label().equals(label))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("kind " + label));
    return YAML.treeToValue(document, kind.type());
  }
}
