package dev.longshore.proxy.upstream;

import dev.longshore.contract.EntryRef;

/**
 * An entry of a snapshot could not be compiled, which a valid snapshot rules out: a bug, which is
 * the entry's alone. Its message says why.
 */
public final class CompilationException extends RuntimeException {
  private final transient EntryRef entry;

  /**
   * What failed at an entry.
   *
   * @param cause never want of memory, for which the entry isn't to blame
   */
  public CompilationException(EntryRef entry, Throwable cause) {
    super(cause instanceof IllegalArgumentException ? cause.getMessage() : cause.toString(), cause);
    this.entry = entry;
  }

  /** Which entry. */
  public EntryRef entry() {
    return entry;
  }
}
