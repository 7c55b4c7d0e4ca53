package dev.longshore.operator.source.folder;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.folder.Document.Manifest;
import dev.longshore.operator.source.folder.Shape.Shapes;
import dev.longshore.operator.source.folder.StrictReader.Fault;
import dev.longshore.operator.source.folder.StrictReader.Result;
import dev.longshore.operator.source.folder.Tree.Entry;
import dev.longshore.operator.source.folder.Tree.Mapping;
import dev.longshore.operator.source.folder.Tree.Position;
import dev.longshore.operator.source.folder.Tree.Scalar;
import dev.longshore.operator.source.folder.Tree.Sequence;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Turns the text of a document into resources, and does to them what an API server would have done
 * before anybody saw them: strict fields, the default namespace, {@code stringData} of a Secret.
 */
final class DocumentReader {
  static final String DEFAULT_NAMESPACE = "default";

  private static final ObjectMapper MAPPER =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();
  private static final Shapes SHAPES = new Shapes(MAPPER);
  private static final Pattern NAME =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
  private static final Pattern DATA_KEY = Pattern.compile("[-._a-zA-Z0-9]{1,253}");

  private DocumentReader() {}

  /**
   * Reads a document.
   *
   * @param text the document
   * @param json whether it is JSON and not YAML
   */
  static Document read(String text, boolean json) {
    Tree tree;
    try {
      tree = json ? JsonReader.read(text) : YamlReader.read(text);
    } catch (SyntaxException e) {
      return Document.faulty(new Fault(e.at(), "", String.valueOf(e.getMessage())));
    }
    if (tree == null || (tree instanceof Scalar scalar && scalar.value().isNull())) {
      return new Document(List.of(), List.of(), List.of());
    }
    return resource(tree, "");
  }

  private static Document resource(Tree tree, String path) {
    if (!(tree instanceof Mapping mapping)) {
      return Document.faulty(
          new Fault(
              tree.at(),
              path,
              "a manifest must be a mapping with apiVersion and kind, found " + tree.describe()));
    }
    String prefix = path.isEmpty() ? "" : path + ".";
    String kind = text(mapping, "kind");
    String apiVersion = text(mapping, "apiVersion");
    if (kind == null || apiVersion == null) {
      return Document.faulty(missingKind(mapping, prefix, kind == null ? "kind" : "apiVersion"));
    }
    if (kind.equals("List") && path.isEmpty()) {
      return list(mapping);
    }
    Kind known = ManifestKind.labelled(kind);
    if (known == null) {
      return unknownKind(mapping, prefix, apiVersion, kind);
    }
    if (!ManifestKind.apiVersion(known).equals(apiVersion)) {
      return otherVersion(mapping, prefix, apiVersion, known);
    }
    return known(mapping, path, known);
  }

  private static Document list(Mapping mapping) {
    List<Manifest> manifests = new ArrayList<>();
    List<Fault> faults = new ArrayList<>();
    List<Fault> notes = new ArrayList<>();
    for (Entry entry : mapping.entries()) {
      switch (entry.key()) {
        case "apiVersion", "kind", "metadata" -> {}
        case "items" -> {
          if (!(entry.value() instanceof Sequence items)) {
            faults.add(
                new Fault(
                    entry.value().at(),
                    "items",
                    "must be a list, found " + entry.value().describe()));
            continue;
          }
          for (int i = 0; i < items.items().size(); i++) {
            Document item = resource(items.items().get(i), "items[" + i + "]");
            manifests.addAll(item.manifests());
            faults.addAll(item.faults());
            notes.addAll(item.notes());
          }
        }
        default ->
            faults.add(
                new Fault(
                    entry.keyAt(),
                    entry.key(),
                    "unknown field"
                        + DidYouMean.hint(
                            entry.key(), Set.of("apiVersion", "kind", "metadata", "items"))));
      }
    }
    return new Document(manifests, faults, notes);
  }

  private static Document known(Mapping mapping, String path, Kind kind) {
    String prefix = path.isEmpty() ? "" : path + ".";
    Result result = StrictReader.read(mapping, SHAPES.of(kind.type()), path, kind == Kind.SECRET);
    List<Fault> faults = new ArrayList<>(result.faults());
    ObjectNode json = (ObjectNode) result.json();
    JsonNode metadata = json.path("metadata");
    Position metadataAt = at(mapping, "metadata");
    String name = metadata.path("name").asText("");
    if (name.length() > 253 || !NAME.matcher(name).matches()) {
      faults.add(
          new Fault(
              metadataAt,
              prefix + "metadata.name",
              (name.isEmpty() ? "is missing" : "is not a name")
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
      mergeStringData(json, mapping, prefix, faults);
    }
    ResourceRef ref = new ResourceRef(kind, namespace, name);
    boolean readable = faults.isEmpty();
    HasMetadata bound =
        readable || Places.areKnown(kind, path, faults)
            ? bind(json, kind, mapping, prefix, faults)
            : null;
    return new Document(
        List.of(
            new Manifest(
                ref, mapping.at(), path, readable ? bound : null, readable ? null : bound, faults)),
        List.of(),
        List.of());
  }

  private static @Nullable HasMetadata bind(
      ObjectNode json, Kind kind, Mapping mapping, String prefix, List<Fault> faults) {
    try {
      return MAPPER.treeToValue(json, kind.type());
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

  /** As the API server does: stringData goes over data, encoded, and is gone. */
  private static void mergeStringData(
      ObjectNode json, Mapping mapping, String prefix, List<Fault> faults) {
    for (String field : List.of("data", "stringData")) {
      for (Map.Entry<String, JsonNode> entry : json.path(field).properties()) {
        String path = field + "[" + entry.getKey() + "]";
        if (!DATA_KEY.matcher(entry.getKey()).matches()) {
          faults.add(
              new Fault(
                  FieldPaths.find(mapping, path),
                  prefix + path,
                  "the key may hold letters, digits, '-', '_' and '.' only"));
        } else if (field.equals("data") && !isBase64(entry.getValue().asText())) {
          faults.add(
              new Fault(
                  FieldPaths.find(mapping, path),
                  prefix + path,
                  "is not base64; plain text belongs in stringData"));
        }
      }
    }
    if (json.remove("stringData") instanceof ObjectNode plain) {
      ObjectNode data = json.withObject("/data");
      for (Map.Entry<String, JsonNode> entry : plain.properties()) {
        byte[] bytes = entry.getValue().asText().getBytes(StandardCharsets.UTF_8);
        data.put(entry.getKey(), Base64.getEncoder().encodeToString(bytes));
      }
    }
  }

  private static boolean isBase64(String text) {
    try {
      Base64.getMimeDecoder().decode(text);
      return text.chars().allMatch(DocumentReader::isBase64Character);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean isBase64Character(int c) {
    return (c >= 'A' && c <= 'Z')
        || (c >= 'a' && c <= 'z')
        || (c >= '0' && c <= '9')
        || c == '+'
        || c == '/'
        || c == '='
        || c == '\n'
        || c == '\r';
  }

  private static Fault missingKind(Mapping mapping, String prefix, String field) {
    for (Entry entry : mapping.entries()) {
      if (entry.key().equals(field)) {
        return new Fault(
            entry.value().at(),
            prefix + field,
            "must be a string, found " + entry.value().describe());
      }
    }
    for (Entry entry : mapping.entries()) {
      String hint = DidYouMean.hint(entry.key(), Set.of(field));
      if (hint.contains("did you mean") && !entry.key().equals("spec")) {
        return new Fault(entry.keyAt(), prefix + entry.key(), "unknown field" + hint);
      }
    }
    return new Fault(
        mapping.at(),
        prefix + field,
        "is missing: a manifest begins with apiVersion and kind, such as apiVersion:"
            + " longshore.dev/v1alpha1, kind: WebSocketRoute");
  }

  private static Document unknownKind(
      Mapping mapping, String prefix, String apiVersion, String kind) {
    Position at = at(mapping, "kind");
    String hint = DidYouMean.hint(kind, ManifestKind.LABELS);
    boolean near = hint.contains("did you mean");
    if (ManifestKind.group(apiVersion).equals("longshore.dev")) {
      return Document.faulty(
          new Fault(
              at,
              prefix + "kind",
              "longshore.dev has no kind "
                  + kind
                  + (near ? hint : "; it has WebSocketRoute and LongshoreConfig")));
    }
    return Document.noted(
        new Fault(at, prefix + "kind", "skipped: " + kind + " is not read" + (near ? hint : "")));
  }

  private static Document otherVersion(
      Mapping mapping, String prefix, String apiVersion, Kind known) {
    Position at = at(mapping, "apiVersion");
    boolean sameGroup =
        ManifestKind.group(apiVersion).equals(ManifestKind.group(ManifestKind.apiVersion(known)));
    boolean near =
        DidYouMean.hint(apiVersion, Set.of(ManifestKind.apiVersion(known)))
            .contains("did you mean");
    boolean formerIngress = known.label().equals("Ingress") && apiVersion.startsWith("extensions/");
    if (sameGroup || near || formerIngress) {
      return Document.faulty(
          new Fault(
              at,
              prefix + "apiVersion",
              known.label()
                  + " is read as "
                  + ManifestKind.apiVersion(known)
                  + ", found "
                  + apiVersion));
    }
    return Document.noted(
        new Fault(
            at,
            prefix + "apiVersion",
            "skipped: " + known.label() + " of " + apiVersion + " is not read"));
  }

  private static Position at(Mapping mapping, String key) {
    for (Entry entry : mapping.entries()) {
      if (entry.key().equals(key)) {
        return entry.keyAt();
      }
    }
    return mapping.at();
  }

  private static @Nullable String text(Mapping mapping, String key) {
    for (Entry entry : mapping.entries()) {
      if (entry.key().equals(key)
          && entry.value() instanceof Scalar scalar
          && scalar.value().isTextual()
          && !scalar.value().textValue().isBlank()) {
        return scalar.value().textValue();
      }
    }
    return null;
  }

  private static String firstLine(@Nullable String message) {
    String text = message == null ? "can't be read" : message;
    int end = text.indexOf('\n');
    return end < 0 ? text : text.substring(0, end);
  }
}
