package dev.longshore.contract.push;

import dev.longshore.contract.EntryRef;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.SnapshotDelta.Versions;
import dev.longshore.contract.SnapshotError;
import dev.longshore.contract.StrictJson;
import dev.longshore.contract.Version;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The data plane refuses it, and serves on what it served before.
 *
 * @param rejected what is refused
 * @param errors why; at most {@link #MAX_ERRORS}
 * @param omitted how many more errors there are
 */
public record Nack(Versions rejected, List<Wrong> errors, int omitted) implements FromDataPlane {
  /** How many errors are told. */
  public static final int MAX_ERRORS = 64;

  private static final int MAX_ERROR_BYTES = 48 << 10;

  /**
   * One thing that is wrong.
   *
   * @param entry the entry that holds it
   * @param content the version of that entry alone ({@link RoutingSnapshot#versionOf}), so that
   *     whoever hears of it later knows whether the entry is still the one that was refused; null:
   *     there is no such entry
   * @param path of the field; at most 4,096 characters
   * @param problem what is there and what would be right, without secrets; at most 4,096 characters
   */
  public record Wrong(EntryRef entry, @Nullable Version content, String path, String problem) {
    /**
     * Checks the lengths.
     *
     * @throws IllegalArgumentException if one is beyond what is said above
     */
    public Wrong {
      Bounds.length("path", path, Bounds.PROBLEM);
      Bounds.length("problem", problem, Bounds.PROBLEM);
    }
  }

  /**
   * Checks the bounds.
   *
   * @throws IllegalArgumentException if there are more than {@link #MAX_ERRORS} errors
   */
  public Nack {
    if (errors.size() > MAX_ERRORS) {
      throw new IllegalArgumentException("errors must be at most " + MAX_ERRORS);
    }
    if (omitted < 0) {
      throw new IllegalArgumentException("omitted must be 0 or more");
    }
    errors = List.copyOf(errors);
  }

  /** For a snapshot with these errors; what would not fit into a message is counted instead. */
  public static Nack of(RoutingSnapshot rejected, List<SnapshotError> errors) {
    List<Wrong> told = new ArrayList<>();
    for (SnapshotError error : errors) {
      if (told.size() == MAX_ERRORS) {
        break;
      }
      Wrong wrong =
          new Wrong(
              error.entry(),
              rejected.versionOf(error.entry()),
              Bounds.cut(error.path()),
              Bounds.cut(error.problem()));
      if (StrictJson.write(wrong).length <= MAX_ERROR_BYTES) {
        told.add(wrong);
      }
    }
    return new Nack(Versions.of(rejected), told, errors.size() - told.size());
  }
}
