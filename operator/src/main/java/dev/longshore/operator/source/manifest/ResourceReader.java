package dev.longshore.operator.source.manifest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.manifest.Document.Manifest;
import dev.longshore.operator.source.manifest.Shape.Shapes;
import dev.longshore.operator.source.manifest.StrictReader.Result;
import dev.longshore.operator.source.manifest.Tree.Mapping;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads one resource of a known kind, and does to it what an API server would have done before
 * anybody saw it: strict fields, the default namespace, {@code stringData} of a Secret.
 */
final class ResourceReader {
  private static final String DEFAULT_NAMESPACE = "default";
  private static final ObjectMapper MAPPER =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();
  private static final Shapes SHAPES = new Shapes(MAPPER);
  private static final Pattern NAME =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");

  private ResourceReader() {}

  static Document read(Mapping mapping, String path, Kind kind) {
    return read(mapping, path, kind, kind.type());
  }

  /**
   * @param type what is written, where that isn't the type of the kind
   */
  static Document read(Mapping mapping, String path, Kind kind, Class<? extends HasMetadata> type) {
    String encrypted = ForeignDocument.encrypted(mapping, kind);
    if (encrypted != null) {
      return Document.noted(new Fault(mapping.at(), path, encrypted));
    }
    String prefix = path.isEmpty() ? "" : path + ".";
    Result result = StrictReader.read(mapping, SHAPES.of(type), path, kind == Kind.SECRET);
    List<Fault> faults = new ArrayList<>(result.faults());
    ObjectNode json = (ObjectNode) result.json();
    JsonNode metadata = json.path("metadata");
    Position metadataAt = mapping.keyAt("metadata");
    String name = metadata.path("name").asText("");
    if (name.length() > 253 || !NAME.matcher(name).matches()) {
      faults.add(
          new Fault(
              metadataAt,
              prefix + "metadata.name",
              HelmTemplate.is(name)
                  ? HelmTemplate.ADVICE
                  : (name.isEmpty() ? "is missing" : "is not a name")
                      + ": lower-case letters, digits, '-' and '.', at most 253"));
      return Document.faulty(faults);
    }
    String namespace = metadata.path("namespace").asText("");
    if (!kind.namespaced()) {
      if (!namespace.isEmpty()) {
        faults.add(
            new Fault(
                metadataAt,
                prefix + "metadata.namespace",
                "must not be set: " + kind + " lives in no namespace"));
      }
      namespace = "";
    } else if (namespace.isEmpty()) {
      namespace = DEFAULT_NAMESPACE;
      json.withObject("/metadata").put("namespace", namespace);
    } else if (namespace.length() > 63 || !LABEL.matcher(namespace).matches()) {
      faults.add(
          new Fault(
              metadataAt,
              prefix + "metadata.namespace",
              "is not a namespace: lower-case letters, digits and '-', at most 63"));
      return Document.faulty(faults);
    }
    if (kind == Kind.SECRET) {
      SecretData.merge(json, mapping, prefix, faults);
    }
    ResourceRef ref = new ResourceRef(kind, namespace, name);
    boolean readable = faults.isEmpty();
    HasMetadata bound =
        readable || Places.areKnown(kind, path, faults)
            ? bind(json, kind, type, mapping, prefix, faults)
            : null;
    return new Document(
        List.of(
            new Manifest(
                ref, mapping.at(), path, readable ? bound : null, readable ? null : bound, faults)),
        List.of(),
        List.of(),
        List.of());
  }

  /**
   * Binds text and not the tree: types that read themselves, such as {@code IntOrString}, know the
   * nodes that Jackson's parser makes, and no others.
   */
  private static @Nullable HasMetadata bind(
      ObjectNode json,
      Kind kind,
      Class<? extends HasMetadata> type,
      Mapping mapping,
      String prefix,
      List<Fault> faults) {
    try {
      return MAPPER.readValue(MAPPER.writeValueAsString(json), type);
    } catch (JsonMappingException e) {
      StringBuilder field = new StringBuilder();
      for (JsonMappingException.Reference reference : e.getPath()) {
        if (reference.getFieldName() == null) {
          field.append('[').append(reference.getIndex()).append(']');
        } else {
          field.append(field.isEmpty() ? "" : ".").append(reference.getFieldName());
        }
      }
      Position at = FieldPaths.find(mapping, field.toString());
      // The message may quote the value, which a Secret must not show.
      String message = kind == Kind.SECRET ? "can't be read" : firstLine(e.getOriginalMessage());
      faults.add(new Fault(at, prefix + field, message));
    } catch (JsonProcessingException e) {
      faults.add(
          new Fault(
              mapping.at(),
              prefix,
              kind == Kind.SECRET ? "can't be read" : firstLine(e.getOriginalMessage())));
    }
    return null;
  }

  private static String firstLine(@Nullable String message) {
    String text = message == null ? "can't be read" : message;
    int end = text.indexOf('\n');
    return end < 0 ? text : text.substring(0, end);
  }
}
