package dev.longshore.contract;

/** What a data plane is told, or finds in its file: a snapshot, or no snapshot and a reason. */
public final class SnapshotJsonFuzz {
  private SnapshotJsonFuzz() {}

  /** Loads what is needed, so that the first input takes no longer than the others. */
  public static void fuzzerInitialize() {
    fuzzerTestOneInput(new byte[0]);
  }

  /** One input. */
  public static void fuzzerTestOneInput(byte[] data) {
    RoutingSnapshot snapshot;
    try {
      snapshot = SnapshotCodec.readSnapshot(data);
    } catch (SnapshotFormatException e) {
      return;
    }
    // What could be read can be judged, written, and read again as the same.
    SnapshotValidator.validate(snapshot);
    try {
      RoutingSnapshot again = SnapshotCodec.readSnapshot(SnapshotCodec.write(snapshot));
      if (!again.version().equals(snapshot.version())) {
        throw new AssertionError("another version");
      }
    } catch (SnapshotFormatException e) {
      throw new AssertionError("what was written can't be read", e);
    }
  }
}
