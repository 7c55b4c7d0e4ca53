package dev.longshore.api.v1alpha1;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Copies the lists of a manifest, so that the records that hold them can't change. */
final class ImmutableLists {
  private ImmutableLists() {}

  /**
   * An unmodifiable copy; null stays null, because an absent list differs from an empty one.
   *
   * @param field the field's name, for the message
   * @throws IllegalArgumentException when an item is null (in YAML: {@code - } with nothing after)
   */
  static <T> @Nullable List<T> copy(String field, @Nullable List<T> list) {
    if (list == null) {
      return null;
    }
    for (int i = 0; i < list.size(); i++) {
      if (list.get(i) == null) {
        throw new IllegalArgumentException(
            field + "[" + i + "] is null: give it a value or remove the item");
      }
    }
    return List.copyOf(list);
  }
}
