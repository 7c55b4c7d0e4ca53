package dev.longshore.operator.source.folder;

import dev.longshore.contract.KeyedHash;
import dev.longshore.operator.source.ResourceRef;
import org.jspecify.annotations.Nullable;

/**
 * Something about a manifest that its author should know.
 *
 * @param severity how much it matters
 * @param file path relative to the folder
 * @param line from 1; 0 when the file as a whole is meant
 * @param column from 1; 0 when the file as a whole is meant
 * @param resource the resource, when it is known
 * @param field path of the field, such as {@code spec.locations[0].path}; empty: the whole
 * @param message what is wrong and what would be right; never holds a Secret's values
 */
public record ManifestProblem(
    Severity severity,
    String file,
    int line,
    int column,
    @Nullable ResourceRef resource,
    String field,
    String message) {

  /** How much a problem matters. */
  public enum Severity {
    /** Something isn't served as it was written. */
    ERROR,
    /** It is taken as kubectl takes it, which may not be what was meant. */
    WARNING,
    /** Nothing is wrong, but something was passed over. */
    NOTE
  }

  /** {@code file:line:column}, as compilers write it, or only the file. */
  public String where() {
    return line == 0 ? file : file + ":" + line + ":" + column;
  }

  /** {@code file:line:column: field: message}. */
  @Override
  public String toString() {
    return where() + ": " + (field.isEmpty() ? "" : field + ": ") + message;
  }

  /** Keyed: tenants choose files, fields and what is wrong with them. */
  @Override
  public int hashCode() {
    return KeyedHash.mix(KeyedHash.of(file, field, message), KeyedHash.mix(line, column));
  }
}
