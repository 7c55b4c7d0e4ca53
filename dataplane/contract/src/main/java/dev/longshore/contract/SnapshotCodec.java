package dev.longshore.contract;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Snapshots and deltas as JSON (docs/snapshot.md). Equal snapshots are equal bytes. What is read is
 * refused unless it is exactly what this version writes: an unknown field could mean a policy that
 * would then not be enforced. All methods may be called from any thread.
 */
public final class SnapshotCodec {
  private SnapshotCodec() {}

  /** The snapshot as compact JSON in ASCII, private keys included: for the push channel alone. */
  public static byte[] write(RoutingSnapshot snapshot) {
    return StrictJson.write(SnapshotDocument.of(snapshot));
  }

  /** The delta as compact JSON in ASCII, private keys included: for the push channel alone. */
  public static byte[] write(SnapshotDelta delta) {
    return StrictJson.write(delta);
  }

  /** The snapshot as indented JSON with every secret replaced: for people. */
  public static byte[] redacted(RoutingSnapshot snapshot) {
    try {
      return SnapshotJson.redacted()
          .withDefaultPrettyPrinter()
          .writeValueAsBytes(SnapshotDocument.of(snapshot));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the records of the contract can always be written", e);
    }
  }

  /** Whether anything in the snapshot is a {@link Secret}: what has none may lie on a disk. */
  public static boolean holdsSecret(RoutingSnapshot snapshot) {
    AtomicBoolean found = new AtomicBoolean();
    try {
      SnapshotJson.withSecretsAs(
              secret -> {
                found.set(true);
                return secret.toString();
              })
          .writeValue(OutputStream.nullOutputStream(), SnapshotDocument.of(snapshot));
    } catch (IOException e) {
      throw new IllegalStateException("the records of the contract can always be written", e);
    }
    return found.get();
  }

  /**
   * Reads what {@link #write(RoutingSnapshot)} wrote. Not validated: see {@link SnapshotValidator}.
   *
   * @throws SnapshotFormatException if it is something else, or its versions are not those of its
   *     content; the message has the JSON path, and no secret
   */
  public static RoutingSnapshot readSnapshot(byte[] json) throws SnapshotFormatException {
    return StrictJson.read(json, SnapshotDocument.class).snapshot();
  }

  /**
   * Reads what {@link #write(SnapshotDelta)} wrote.
   *
   * @throws SnapshotFormatException if it is something else; the message has the JSON path, and no
   *     secret
   */
  public static SnapshotDelta readDelta(byte[] json) throws SnapshotFormatException {
    return StrictJson.read(json, SnapshotDelta.class);
  }
}
