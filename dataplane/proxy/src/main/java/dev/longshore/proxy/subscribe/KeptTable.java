package dev.longshore.proxy.subscribe;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.SnapshotFormatException;
import dev.longshore.contract.push.FromOperator;
import dev.longshore.contract.push.Origin;
import dev.longshore.contract.push.PushCodec;
import dev.longshore.contract.push.SnapshotMessage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.Serial;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;

/**
 * A table as it lies on disk: a line that says what it is and when it was applied, and the message
 * that an operator would send it with.
 *
 * @param snapshot not validated when it was read
 * @param origin what the operator knew when it built the snapshot
 * @param appliedAt when it was applied
 */
record KeptTable(RoutingSnapshot snapshot, Origin origin, Instant appliedAt) {
  private static final String FIRST_WORDS = "longshore-last-known-good 1 ";
  private static final int LONGEST_LINE = 100;

  /** What was read is no table. */
  static final class DamagedException extends Exception {
    @Serial private static final long serialVersionUID = 1L;

    DamagedException(String problem) {
      super(problem);
    }
  }

  /** The bytes of the file, secrets included. */
  ByteBuffer[] write() {
    String line = FIRST_WORDS + appliedAt + "\n";
    return new ByteBuffer[] {
      ByteBuffer.wrap(line.getBytes(StandardCharsets.US_ASCII)),
      ByteBuffer.wrap(PushCodec.write(new SnapshotMessage(origin, snapshot)))
    };
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws DamagedException if it is something else; the message completes "the table …"
   */
  static KeptTable read(byte[] file) throws DamagedException {
    int end = 0;
    while (end < file.length && end < LONGEST_LINE && file[end] != '\n') {
      end++;
    }
    String line = new String(file, 0, end, StandardCharsets.US_ASCII);
    if (end == file.length || file[end] != '\n' || !line.startsWith(FIRST_WORDS)) {
      throw new DamagedException("does not begin with \"" + FIRST_WORDS + "\"");
    }
    try {
      Instant appliedAt = Instant.parse(line.substring(FIRST_WORDS.length()));
      FromOperator message =
          PushCodec.readFromOperator(
              new ByteArrayInputStream(file, end + 1, file.length - end - 1));
      if (message instanceof SnapshotMessage(Origin origin, RoutingSnapshot snapshot)) {
        return new KeptTable(snapshot, origin, appliedAt);
      }
      throw new DamagedException("holds something else than a snapshot");
    } catch (DateTimeException e) {
      throw new DamagedException("does not say when it was applied");
    } catch (SnapshotFormatException e) {
      throw new DamagedException("can't be read: " + e.getMessage());
    } catch (IOException e) {
      throw new IllegalStateException("nothing but memory is read", e);
    }
  }
}
