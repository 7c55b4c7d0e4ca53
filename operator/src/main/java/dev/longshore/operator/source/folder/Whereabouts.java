package dev.longshore.operator.source.folder;

import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.manifest.DocumentPlaces;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where resources and their fields stand, for one report. A document is read again for the first
 * place in it, and not for those that are asked for next: a report tells of one resource after the
 * other. So a report costs what its resources do, however much there is to say of them. On one
 * thread.
 */
public final class Whereabouts {
  private final Function<ResourceRef, @Nullable FileContent> holder;
  private final DocumentPlaces places = new DocumentPlaces();

  Whereabouts(Function<ResourceRef, @Nullable FileContent> holder) {
    this.holder = holder;
  }

  /**
   * Where a field of a resource stands.
   *
   * @param field path such as {@code spec.locations[0].path}; empty: the resource
   * @return {@code file:line:column}, only the file when the resource stays from an earlier
   *     reading, or empty when no file holds it
   */
  public String locate(ResourceRef ref, String field) {
    FileContent content = holder.apply(ref);
    return content == null ? "" : content.locate(ref, field, places);
  }

  /** How many documents were read again. */
  int documentsRead() {
    return places.read();
  }
}
