package dev.longshore.proxy.subscribe;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.SnapshotFormatException;
import dev.longshore.contract.push.Fleet;
import dev.longshore.contract.push.FromOperator;
import dev.longshore.contract.push.Origin;
import dev.longshore.contract.push.PushCodec;
import dev.longshore.contract.push.SnapshotMessage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serial;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;

/**
 * A table as it lies on disk: a line that says what it is, when it was applied and how many data
 * planes there were, and the message that an operator would send it with.
 *
 * @param snapshot not validated when it was read
 * @param origin what the operator knew when it built the snapshot
 * @param appliedAt when it was applied
 * @param dataPlanes how many shared what is limited over all of them; 1 is not written, and so is
 *     what a file says that knows nothing of it
 */
record KeptTable(RoutingSnapshot snapshot, Origin origin, Instant appliedAt, int dataPlanes) {
  private static final String FIRST_WORDS = "longshore-last-known-good 1 ";
  private static final int LONGEST_LINE = 100;

  /** What was read is no table. */
  static final class DamagedException extends Exception {
    @Serial private static final long serialVersionUID = 1L;

    DamagedException(String problem) {
      super(problem);
    }
  }

  /** Writes the file, secrets included. */
  void write(OutputStream out) throws IOException {
    String fleet = dataPlanes == 1 ? "" : " " + dataPlanes;
    out.write((FIRST_WORDS + appliedAt + fleet + "\n").getBytes(StandardCharsets.US_ASCII));
    PushCodec.write(new SnapshotMessage(origin, snapshot), out);
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @param file is read to its end
   * @throws DamagedException if it is something else; the message completes "the table …"
   * @throws IOException if reading fails
   */
  static KeptTable read(InputStream file) throws DamagedException, IOException {
    String line = line(file);
    if (!line.startsWith(FIRST_WORDS)) {
      throw new DamagedException("does not begin with \"" + FIRST_WORDS + "\"");
    }
    try {
      String[] words = line.substring(FIRST_WORDS.length()).split(" ", 2);
      Instant appliedAt = Instant.parse(words[0]);
      int dataPlanes = words.length == 1 ? 1 : dataPlanes(words[1]);
      FromOperator message = PushCodec.readFromOperator(file);
      if (message instanceof SnapshotMessage(Origin origin, RoutingSnapshot snapshot)) {
        return new KeptTable(snapshot, origin, appliedAt, dataPlanes);
      }
      throw new DamagedException("holds something else than a snapshot");
    } catch (DateTimeException e) {
      throw new DamagedException("does not say when it was applied");
    } catch (SnapshotFormatException e) {
      throw new DamagedException("can't be read: " + e.getMessage());
    }
  }

  private static int dataPlanes(String text) throws DamagedException {
    try {
      return new Fleet(Integer.parseInt(text)).dataPlanes();
    } catch (IllegalArgumentException e) {
      throw new DamagedException("does not say how many data planes there were");
    }
  }

  /** The first line, or as much of it as a right one could have. */
  private static String line(InputStream file) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = file.read(); c > 0 && c != '\n' && line.length() < LONGEST_LINE; c = file.read()) {
      line.append((char) c);
    }
    return line.toString();
  }
}
