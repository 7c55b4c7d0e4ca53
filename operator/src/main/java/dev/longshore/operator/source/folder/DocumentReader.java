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
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
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

  private static final String LIST = "List";

  private static final List<String> LABELS =
      Arrays.stream(Kind.values()).map(Kind::label).sorted().toList();

  private static final ObjectMapper MAPPER =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();
  private static final Shapes SHAPES = new Shapes(MAPPER);
  private static final Pattern NAME =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
  private static final Pattern DATA_KEY = Pattern.compile("[-._a-zA-Z0-9]{1,253}");

  private DocumentReader() {}

  /** Reads the text of a document. */
  static Document read(String text) {
    Parsed parsed;
    try {
      parsed = Parsed.of(text);
    } catch (SyntaxException e) {
      return Document.faulty(
          new Fault(
              e.at(),
              "",
              HelmTemplate.is(text) ? HelmTemplate.ADVICE : String.valueOf(e.getMessage())));
    }
    Tree tree = parsed.tree();
    if (tree == null || (tree instanceof Scalar scalar && scalar.value().isNull())) {
      return Document.EMPTY;
    }
    return resource(tree, "", null).withWarnings(parsed.remarks());
  }

  /**
   * @param ofList kind that an item of a typed list needn't repeat; null: it must say it itself
   */
  private static Document resource(Tree tree, String path, @Nullable String ofList) {
    if (tree instanceof Sequence list && path.isEmpty()) {
      String skipped = ForeignDocument.skipped(list);
      return skipped == null
          ? Document.faulty(
              new Fault(
                  tree.at(),
                  "",
                  "a list of manifests is none itself: write them as documents, with --- between"
                      + " them, or as items of kind: List with apiVersion: v1"))
          : Document.noted(new Fault(tree.at(), "", skipped));
    }
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
    if (ofList != null && !mapping.has("kind") && !mapping.has("apiVersion")) {
      Kind item = Kind.labelled(ofList);
      return item == null ? endpoints(mapping, path) : known(mapping, path, item);
    }
    if (kind == null || apiVersion == null) {
      String skipped = path.isEmpty() ? ForeignDocument.skipped(mapping, apiVersion, kind) : null;
      return skipped == null
          ? Document.faulty(missingKind(mapping, prefix, kind == null ? "kind" : "apiVersion"))
          : Document.noted(new Fault(mapping.at(), "", skipped));
    }
    if (kind.endsWith(LIST)) {
      String label = kind.substring(0, kind.length() - LIST.length());
      Kind items = Kind.labelled(label);
      if (items != null && !items.apiVersion().equals(apiVersion)) {
        return otherVersion(mapping, prefix, apiVersion, items);
      }
      if (items != null || isEndpoints(label, apiVersion)) {
        return list(mapping, prefix, label);
      }
      if (kind.equals(LIST)) {
        return list(mapping, prefix, null);
      }
    }
    Kind known = Kind.labelled(kind);
    if (known == null) {
      return isEndpoints(kind, apiVersion)
          ? endpoints(mapping, path)
          : unknownKind(mapping, prefix, apiVersion, kind);
    }
    if (!known.apiVersion().equals(apiVersion)) {
      return otherVersion(mapping, prefix, apiVersion, known);
    }
    return known(mapping, path, known);
  }

  private static boolean isEndpoints(String kind, String apiVersion) {
    return kind.equals("Endpoints") && apiVersion.equals("v1");
  }

  private static Document list(Mapping mapping, String prefix, @Nullable String kind) {
    List<Manifest> manifests = new ArrayList<>();
    List<Fault> faults = new ArrayList<>();
    List<Fault> notes = new ArrayList<>();
    for (Entry entry : mapping.entries()) {
      switch (entry.key()) {
        case "apiVersion", "kind", "metadata" -> {}
        case "items" -> {
          if (entry.value() instanceof Scalar scalar && scalar.value().isNull()) {
            continue;
          }
          if (!(entry.value() instanceof Sequence items)) {
            faults.add(
                new Fault(
                    entry.value().at(),
                    prefix + "items",
                    "must be a list, found " + entry.value().describe()));
            continue;
          }
          for (int i = 0; i < items.items().size(); i++) {
            Document item = resource(items.items().get(i), prefix + "items[" + i + "]", kind);
            manifests.addAll(item.manifests());
            faults.addAll(item.faults());
            notes.addAll(item.notes());
          }
        }
        default ->
            faults.add(
                new Fault(
                    entry.keyAt(),
                    prefix + entry.key(),
                    "unknown field"
                        + DidYouMean.hint(
                            entry.key(), Set.of("apiVersion", "kind", "metadata", "items"))));
      }
    }
    return new Document(manifests, faults, List.of(), notes);
  }

  /** What the control plane's mirroring controller makes of Endpoints: EndpointSlices. */
  private static Document endpoints(Mapping mapping, String path) {
    Document read = known(mapping, path, Kind.ENDPOINT_SLICE, Endpoints.class);
    List<Manifest> slices = new ArrayList<>();
    for (Manifest manifest : read.manifests()) {
      if (manifest.resource() instanceof Endpoints endpoints) {
        for (EndpointSlice slice : MirroredEndpoints.slices(endpoints)) {
          ResourceRef ref = ResourceRef.of(slice);
          slices.add(new Manifest(ref, manifest.at(), path, slice, null, List.of()));
        }
      } else {
        slices.add(manifest);
      }
    }
    return new Document(slices, read.faults(), read.warnings(), read.notes());
  }

  private static Document known(Mapping mapping, String path, Kind kind) {
    return known(mapping, path, kind, kind.type());
  }

  private static Document known(
      Mapping mapping, String path, Kind kind, Class<? extends HasMetadata> type) {
    String encrypted = ForeignDocument.encrypted(mapping, kind);
    if (encrypted != null) {
      return Document.noted(new Fault(mapping.at(), path, encrypted));
    }
    String prefix = path.isEmpty() ? "" : path + ".";
    Result result = StrictReader.read(mapping, SHAPES.of(type), path, kind == Kind.SECRET);
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
      mergeStringData(json, mapping, prefix, faults);
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
    String hint = DidYouMean.hint(kind, LABELS);
    boolean near = hint.contains("did you mean");
    if (group(apiVersion).equals("longshore.dev")) {
      return Document.faulty(
          new Fault(
              at,
              prefix + "kind",
              "longshore.dev has no kind "
                  + kind
                  + (near ? hint : "; it has WebSocketRoute and LongshoreConfig")));
    }
    if (kind.equals("Kustomization") && prefix.isEmpty()) {
      return Document.noted(new Fault(at, "kind", ForeignDocument.kustomization()));
    }
    // What else a repository holds is no news: Deployments, Certificates, …
    return near || ForeignDocument.routes(group(apiVersion))
        ? Document.noted(
            new Fault(
                at, prefix + "kind", "skipped: " + kind + " is not read" + (near ? hint : "")))
        : Document.EMPTY;
  }

  private static Document otherVersion(
      Mapping mapping, String prefix, String apiVersion, Kind known) {
    Position at = at(mapping, "apiVersion");
    boolean sameGroup = group(apiVersion).equals(known.group());
    boolean near = DidYouMean.hint(apiVersion, Set.of(known.apiVersion())).contains("did you mean");
    boolean formerIngress =
        known == Kind.INGRESS
            && (apiVersion.startsWith("extensions/") || apiVersion.endsWith("/v1beta1"));
    if (formerIngress) {
      return Document.faulty(
          new Fault(
              at,
              prefix + "apiVersion",
              apiVersion
                  + " went with Kubernetes 1.22: write networking.k8s.io/v1, with a pathType per"
                  + " path, and backend.service.name and backend.service.port instead of"
                  + " serviceName and servicePort"));
    }
    if (sameGroup || near) {
      return Document.faulty(
          new Fault(
              at,
              prefix + "apiVersion",
              known.label() + " is read as " + known.apiVersion() + ", found " + apiVersion));
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

  /** Group of an apiVersion: the part before the slash, else the core group's empty name. */
  private static String group(String apiVersion) {
    int slash = apiVersion.indexOf('/');
    return slash < 0 ? "" : apiVersion.substring(0, slash);
  }
}
