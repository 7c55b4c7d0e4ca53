package dev.longshore.contract;

import java.io.Serial;

/** A document is not a snapshot or delta as this version of the contract writes them. */
public final class SnapshotFormatException extends Exception {
  @Serial private static final long serialVersionUID = 1L;
  private final String path;

  SnapshotFormatException(String path, String problem) {
    super(path.isEmpty() ? problem : path + ": " + problem);
    this.path = path;
  }

  /** The JSON path, such as {@code rules[3].key.host}; empty for the document as a whole. */
  public String path() {
    return path;
  }
}
