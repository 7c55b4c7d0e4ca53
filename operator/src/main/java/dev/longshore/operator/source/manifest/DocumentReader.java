package dev.longshore.operator.source.manifest;

import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.manifest.Document.Manifest;
import dev.longshore.operator.source.manifest.Tree.Entry;
import dev.longshore.operator.source.manifest.Tree.Mapping;
import dev.longshore.operator.source.manifest.Tree.Scalar;
import dev.longshore.operator.source.manifest.Tree.Sequence;
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns the text of a document into resources: finds out of which kind it is, takes lists apart,
 * and lets {@link ResourceReader} read each.
 */
public final class DocumentReader {
  private static final String LIST = "List";

  private DocumentReader() {}

  /** Reads the text of a document. */
  public static Document read(String text) {
    Parsed parsed;
    try {
      parsed = TreeReader.read(text);
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
    String kind = mapping.text("kind");
    String apiVersion = mapping.text("apiVersion");
    if (ofList != null && !mapping.has("kind") && !mapping.has("apiVersion")) {
      Kind item = Kind.labelled(ofList);
      return item == null ? endpoints(mapping, path) : ResourceReader.read(mapping, path, item);
    }
    if (kind == null || apiVersion == null) {
      String skipped = path.isEmpty() ? ForeignDocument.skipped(mapping, apiVersion, kind) : null;
      return skipped == null
          ? Document.faulty(
              UnreadKind.missing(mapping, prefix, kind == null ? "kind" : "apiVersion"))
          : Document.noted(new Fault(mapping.at(), "", skipped));
    }
    if (kind.endsWith(LIST)) {
      String label = kind.substring(0, kind.length() - LIST.length());
      Kind items = Kind.labelled(label);
      if (items != null && !items.apiVersion().equals(apiVersion)) {
        return UnreadKind.otherVersion(mapping, prefix, apiVersion, items);
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
          : UnreadKind.unknown(mapping, prefix, apiVersion, kind);
    }
    if (!known.apiVersion().equals(apiVersion)) {
      return UnreadKind.otherVersion(mapping, prefix, apiVersion, known);
    }
    return ResourceReader.read(mapping, path, known);
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
    Document read = ResourceReader.read(mapping, path, Kind.ENDPOINT_SLICE, Endpoints.class);
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
}
