package dev.longshore.contract.push;

import dev.longshore.contract.SnapshotFormatException;
import dev.longshore.contract.StrictJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Messages as JSON (docs/push-protocol.md): an object whose first field is {@code type}. What is
 * read is refused unless it is exactly what this version writes. Sizes are for the caller to bound,
 * before it collects a message; see {@link PushProtocol}. For any thread.
 */
public final class PushCodec {
  private PushCodec() {}

  /** The message as compact JSON in ASCII. */
  public static byte[] write(FromDataPlane message) {
    return StrictJson.write((Record) message);
  }

  /** The message as compact JSON in ASCII, private keys included: for the push channel alone. */
  public static byte[] write(FromOperator message) {
    return StrictJson.write((Record) message);
  }

  /**
   * Writes what {@link #write(FromOperator)} gives, as it is made.
   *
   * @param out is left open
   * @throws IOException if writing to it fails
   */
  public static void write(FromOperator message, OutputStream out) throws IOException {
    StrictJson.write((Record) message, out);
  }

  /**
   * Reads what a data plane says.
   *
   * @throws SnapshotFormatException if it is no such message; the text has the JSON path
   */
  public static FromDataPlane readFromDataPlane(byte[] json) throws SnapshotFormatException {
    return StrictJson.read(json, FromDataPlane.class);
  }

  /**
   * Reads what the operator says.
   *
   * @throws SnapshotFormatException if it is no such message; the text has the JSON path and no
   *     secret
   */
  public static FromOperator readFromOperator(byte[] json) throws SnapshotFormatException {
    return StrictJson.read(json, FromOperator.class);
  }

  /**
   * Reads what the operator says from the pieces in which it came, so that they need not be copied
   * together.
   *
   * @param json is read to its end, and not closed
   * @throws SnapshotFormatException if it is no such message; the text has the JSON path and no
   *     secret
   * @throws IOException if reading the stream fails
   */
  public static FromOperator readFromOperator(InputStream json)
      throws SnapshotFormatException, IOException {
    return StrictJson.read(json, FromOperator.class);
  }
}
