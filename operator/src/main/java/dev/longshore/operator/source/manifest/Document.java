package dev.longshore.operator.source.manifest;

import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.Stub;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What one document says. Positions count from the document's first line.
 *
 * @param manifests the resources that it holds; more than one in a {@code List}
 * @param faults what is wrong with the document as such
 * @param warnings what is taken as kubectl takes it, and may not be what was meant
 * @param notes what is worth saying but isn't wrong
 */
public record Document(
    List<Manifest> manifests, List<Fault> faults, List<Fault> warnings, List<Fault> notes) {
  static final Document EMPTY = new Document(List.of(), List.of(), List.of(), List.of());

  /** A misspelt field may have been meant to be that. */
  private static final Pattern DEFAULTS = Pattern.compile("spec|spec\\.d[^.]*(\\..*)?");

  public Document {
    manifests = List.copyOf(manifests);
    faults = List.copyOf(faults);
    warnings = List.copyOf(warnings);
    notes = List.copyOf(notes);
  }

  static Document faulty(List<Fault> faults) {
    return new Document(List.of(), faults, List.of(), List.of());
  }

  static Document faulty(Fault fault) {
    return faulty(List.of(fault));
  }

  static Document noted(Fault note) {
    return new Document(List.of(), List.of(), List.of(), List.of(note));
  }

  Document withWarnings(List<Fault> more) {
    if (more.isEmpty()) {
      return this;
    }
    List<Fault> all = new ArrayList<>(warnings);
    all.addAll(more);
    return new Document(manifests, faults, all, notes);
  }

  /** The same without what some resources say. */
  public Document without(Set<ResourceRef> unheld) {
    List<Manifest> less =
        manifests.stream()
            .map(manifest -> unheld.contains(manifest.ref()) ? manifest.shell() : manifest)
            .toList();
    return new Document(less, faults, warnings, notes);
  }

  /** The resource that a place belongs to: the last one that begins before it; null: none does. */
  public @Nullable ResourceRef at(Position place) {
    ResourceRef last = null;
    for (Manifest manifest : manifests) {
      Position begin = manifest.at();
      boolean before =
          begin.line() < place.line()
              || (begin.line() == place.line() && begin.column() <= place.column());
      last = before ? manifest.ref() : last;
    }
    return last;
  }

  /**
   * One resource of a document.
   *
   * @param ref which
   * @param at where it begins
   * @param path of the resource in its document: empty, or {@code items[2]}
   * @param resource null when it has faults
   * @param remainder when it has faults: what keeps its places, see {@link
   *     dev.longshore.operator.source.View#withRefused}; null if there is no saying which those are
   * @param faults what is wrong with it
   */
  public record Manifest(
      ResourceRef ref,
      Position at,
      String path,
      @Nullable HasMetadata resource,
      @Nullable HasMetadata remainder,
      List<Fault> faults) {
    public Manifest {
      faults = List.copyOf(faults);
    }

    /** The same without what it says. */
    public Manifest shell() {
      return new Manifest(
          ref,
          at,
          path,
          resource == null ? null : Stub.shell(resource),
          remainder == null ? null : Stub.shell(remainder),
          faults);
    }

    /**
     * Why what the remainder says may not be relied on; null when what is missing opens nothing. A
     * LongshoreConfig is relied on for its default policy; its settings fall back to the strict
     * ones.
     */
    public @Nullable String refusal() {
      return faults.stream()
          .filter(fault -> ref.kind() != Kind.LONGSHORE_CONFIG || concernsDefaults(fault))
          .findFirst()
          .map(fault -> fault.field() + ": " + fault.message())
          .orElse(null);
    }

    private boolean concernsDefaults(Fault fault) {
      int prefix = path.isEmpty() ? 0 : path.length() + 1;
      return DEFAULTS.matcher(fault.field().substring(prefix)).matches();
    }
  }
}
