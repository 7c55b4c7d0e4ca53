package dev.longshore.contract;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidTypeIdException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import java.io.ByteArrayInputStream;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * The one way in which records of the contract become JSON and come back. What is read is refused
 * unless it is exactly what this version writes: a component of a record that is not {@code
 * Nullable} is required, and nothing else is known. A constructor that throws {@link
 * IllegalArgumentException} refuses its object. For any thread.
 */
public final class StrictJson {
  /** A document that is larger is not read. */
  public static final long MAX_DOCUMENT_BYTES = SnapshotJson.MAX_DOCUMENT_BYTES;

  private StrictJson() {}

  /** The record as compact JSON in ASCII, secrets included: for the push channel alone. */
  public static byte[] write(Record document) {
    try {
      return SnapshotJson.full().writeValueAsBytes(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the records of the contract can always be written", e);
    }
  }

  /**
   * The same, written as it is made, for documents that are not to be held twice.
   *
   * @param out is left open
   * @throws IOException if writing to it fails
   */
  public static void write(Record document, OutputStream out) throws IOException {
    SnapshotJson.full().without(JsonGenerator.Feature.AUTO_CLOSE_TARGET).writeValue(out, document);
  }

  /**
   * Reads what {@link #write(Record)} wrote.
   *
   * @param type of the record, or a sealed interface that names its kinds for Jackson
   * @throws SnapshotFormatException if it is something else; the message has the JSON path, and no
   *     secret
   */
  public static <T> T read(byte[] json, Class<T> type) throws SnapshotFormatException {
    try {
      return read(new ByteArrayInputStream(json), type);
    } catch (IOException e) {
      throw new IllegalStateException("nothing but memory is read", e);
    }
  }

  /**
   * Reads what {@link #write(Record)} wrote, as it comes.
   *
   * @param json is read to its end, and not closed
   * @throws SnapshotFormatException if it is something else
   * @throws IOException if reading the stream fails
   */
  public static <T> T read(InputStream json, Class<T> type)
      throws SnapshotFormatException, IOException {
    T document;
    try {
      document = SnapshotJson.reader().readValue(json, type);
    } catch (JsonMappingException e) {
      throw new SnapshotFormatException(path(e), problem(e));
    } catch (JacksonException e) {
      throw new SnapshotFormatException("", e.getOriginalMessage() + position(e.getLocation()));
    } catch (CharConversionException e) {
      // UTF-32, which the parser finds out by itself, and which isn't.
      throw new SnapshotFormatException("", String.valueOf(e.getMessage()));
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
      case InvalidTypeIdException unknown when unknown.getTypeId() != null ->
          "is of the unknown type "
              + Quoted.of(unknown.getTypeId())
              + position(unknown.getLocation());
      case ValueInstantiationException refused
          when refused.getCause() instanceof IllegalArgumentException cause ->
          cause.getMessage() + position(refused.getLocation());
      default -> e.getOriginalMessage() + position(e.getLocation());
    };
  }

  private static String position(JsonLocation location) {
    return location == null || location.getLineNr() < 1
        ? ""
        : " (line " + location.getLineNr() + ", column " + location.getColumnNr() + ")";
  }
}
