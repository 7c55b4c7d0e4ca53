package dev.longshore.operator.translate;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.View;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads the manifests of tests, as a source of resources would hand them out: already parsed, and
 * with nothing but what anybody here reads. So what is forgotten in trimming fails here, and not
 * first in a cluster.
 */
public final class Manifests {
  private static final ObjectMapper YAML =
      YAMLMapper.builder()
          .configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, true)
          .build();

  private Manifests() {}

  public static List<HasMetadata> read(String yaml) {
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

  public static View view(String yaml) {
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
    HasMetadata whole = YAML.treeToValue(document, kind.type());
    if (whole instanceof Secret secret) {
      encode(secret);
    }
    return kind.trim(whole, Translator::reads);
  }

  /** As the API server does: stringData goes over data, encoded, and is gone. */
  private static void encode(Secret secret) {
    if (secret.getStringData() == null || secret.getStringData().isEmpty()) {
      return;
    }
    Map<String, String> data =
        secret.getData() == null ? new TreeMap<>() : new TreeMap<>(secret.getData());
    secret
        .getStringData()
        .forEach(
            (key, text) ->
                data.put(
                    key,
                    Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8))));
    secret.setData(data);
    secret.setStringData(null);
  }
}
