package dev.longshore.contract;

/**
 * One thing that is wrong in a snapshot.
 *
 * @param entry the entry that holds it
 * @param path of the field, such as {@code rules[chat.example.com Prefix
 *     /a].action.backends[0].pool}
 * @param problem what is there and what would be right; holds no secret and no line break
 */
public record SnapshotError(EntryRef entry, String path, String problem) {
  @Override
  public String toString() {
    return path + ": " + problem;
  }

  /** Keyed: tenants choose the names. */
  @Override
  public int hashCode() {
    return KeyedHash.of(path, problem);
  }
}
