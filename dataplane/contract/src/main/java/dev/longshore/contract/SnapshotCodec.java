package dev.longshore.contract;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import java.io.IOException;

/**
 * Snapshots and deltas as JSON (docs/snapshot.md). Equal snapshots are equal bytes. What is read is
 * refused unless it is exactly what this version writes: an unknown field could mean a policy that
 * would then not be enforced. All methods may be called from any thread.
 */
public final class SnapshotCodec {
  private SnapshotCodec() {}

  /** The snapshot as compact JSON in ASCII, private keys included: for the push channel alone. */
  public static byte[] write(RoutingSnapshot snapshot) {
    return bytes(SnapshotJson.full(), SnapshotDocument.of(snapshot));
  }

  /** The delta as compact JSON in ASCII, private keys included: for the push channel alone. */
  public static byte[] write(SnapshotDelta delta) {
    return bytes(SnapshotJson.full(), delta);
  }

  /** The snapshot as indented JSON with every secret replaced: for people. */
  public static byte[] redacted(RoutingSnapshot snapshot) {
    return bytes(SnapshotJson.redacted().withDefaultPrettyPrinter(), SnapshotDocument.of(snapshot));
  }

  /**
   * Reads what {@link #write(RoutingSnapshot)} wrote. Not validated: see {@link SnapshotValidator}.
   *
   * @throws SnapshotFormatException if it is something else, or its versions are not those of its
   *     content; the message has the JSON path, and no secret
   */
  public static RoutingSnapshot readSnapshot(byte[] json) throws SnapshotFormatException {
    return read(json, SnapshotDocument.class).snapshot();
  }

  /**
   * Reads what {@link #write(SnapshotDelta)} wrote.
   *
   * @throws SnapshotFormatException if it is something else; the message has the JSON path, and no
   *     secret
   */
  public static SnapshotDelta readDelta(byte[] json) throws SnapshotFormatException {
    SnapshotDelta delta = read(json, SnapshotDelta.class);
    SnapshotDocument.checkIds(delta.upserts().policies(), "upserts.policies");
    return delta;
  }

  private static byte[] bytes(ObjectWriter writer, Record document) {
    try {
      return writer.writeValueAsBytes(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the records of the contract can always be written", e);
    }
  }

  private static <T> T read(byte[] json, Class<T> type) throws SnapshotFormatException {
    T document;
    try {
      document = SnapshotJson.reader().readValue(json, type);
    } catch (JsonMappingException e) {
      throw new SnapshotFormatException(path(e), problem(e));
    } catch (JacksonException e) {
      throw new SnapshotFormatException("", e.getOriginalMessage() + position(e.getLocation()));
    } catch (IOException e) {
      throw new IllegalStateException("nothing but memory is read", e);
    }
    if (document == null) {
      throw new SnapshotFormatException("", "is null; must be an object");
    }
    return document;
  }

  private static String path(JsonMappingException e) {
    StringBuilder path = new StringBuilder();
    for (JsonMappingException.Reference reference : e.getPath()) {
      if (reference.getFieldName() == null) {
        path.append('[').append(reference.getIndex()).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".").append(Quoted.plain(reference.getFieldName()));
      }
    }
    return path.toString();
  }

  private static String problem(JsonMappingException e) {
    return switch (e) {
      case UnrecognizedPropertyException unknown ->
          "is unknown here; known are " + unknown.getKnownPropertyIds();
      default -> e.getOriginalMessage() + position(e.getLocation());
    };
  }

  private static String position(JsonLocation location) {
    return location == null || location.getLineNr() < 1
        ? ""
        : " (line " + location.getLineNr() + ", column " + location.getColumnNr() + ")";
  }
}
