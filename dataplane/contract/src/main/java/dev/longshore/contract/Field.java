package dev.longshore.contract;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * A place in an entry that is being checked. Its path is only put together when something is wrong
 * there.
 */
final class Field {
  private final EntryRef entry;
  private final @Nullable Field parent;
  private final String name;
  private final Collection<SnapshotError> errors;

  private Field(
      EntryRef entry, @Nullable Field parent, String name, Collection<SnapshotError> errors) {
    this.entry = entry;
    this.parent = parent;
    this.name = name;
    this.errors = errors;
  }

  /** The entry as a whole; errors go to the collection. */
  static Field of(EntryRef entry, Collection<SnapshotError> errors) {
    return new Field(entry, null, "", errors);
  }

  Field at(String field) {
    return new Field(entry, this, "." + field, errors);
  }

  Field at(int index) {
    return new Field(entry, this, "[" + index + "]", errors);
  }

  /** Reports; {@code expected} completes "must be". */
  void mustBe(String expected, Object found) {
    wrong("is " + Quoted.of(String.valueOf(found)) + "; must be " + expected);
  }

  void wrong(String problem) {
    errors.add(new SnapshotError(entry, path(), problem));
  }

  private String path() {
    return parent == null ? entry.path() : parent.path() + name;
  }
}
