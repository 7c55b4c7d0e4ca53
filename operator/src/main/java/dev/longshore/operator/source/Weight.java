package dev.longshore.operator.source;

import com.fasterxml.jackson.core.Base64Variant;
import com.fasterxml.jackson.core.ObjectCodec;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.base.GeneratorBase;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * Estimates what a resource takes of the heap, in time proportional to it and without a copy: the
 * resource is written as JSON to nowhere, and what a JVM has for each of its parts is added up. It
 * is more than it really is, by a tenth to two thirds for what was measured.
 */
final class Weight {
  /** Metadata, the same once more in a feed, and the nodes of the maps that lead there. */
  private static final int RESOURCE = 1024;

  /** An object of a model, and the map that many of these have for fields that they don't know. */
  private static final int OBJECT = 64;

  /** A list and its array. */
  private static final int LIST = 56;

  /** A reference, and what aligns it. */
  private static final int FIELD = 8;

  /** An entry of a map, without its key's characters. */
  private static final int ENTRY = 80;

  /** A number in a box of its own. */
  private static final int NUMBER = 16;

  /** A string without its characters. */
  private static final int STRING = 40;

  private static final ObjectMapper MAPPER = new JsonMapper();

  private Weight() {}

  /** Bytes. */
  static long of(HasMetadata resource) {
    Scale scale = new Scale(MAPPER);
    try (scale) {
      MAPPER.writeValue(scale, resource);
    } catch (IOException e) {
      throw new UncheckedIOException("it is written to nowhere", e);
    }
    return RESOURCE + scale.bytes;
  }

  /** Takes JSON and keeps nothing but how much it is. */
  private static final class Scale extends GeneratorBase {
    private long bytes;

    @SuppressWarnings("deprecation") // the other constructors want a context with buffers
    Scale(ObjectCodec codec) {
      super(0, codec);
    }

    @Override
    public void writeStartArray() {
      bytes += LIST;
      _writeContext = _writeContext.createChildArrayContext();
    }

    @Override
    public void writeEndArray() {
      _writeContext = _writeContext.getParent();
    }

    @Override
    public void writeStartObject() {
      bytes += OBJECT;
      _writeContext = _writeContext.createChildObjectContext();
    }

    @Override
    public void writeEndObject() {
      _writeContext = _writeContext.getParent();
    }

    @Override
    public void writeFieldName(String name) {
      bytes += ENTRY + chars(name);
    }

    /** A model's own, whose name is there once for all. */
    @Override
    public void writeFieldName(SerializableString name) {
      bytes += FIELD;
    }

    @Override
    public void writeString(String text) {
      bytes += STRING + chars(text);
    }

    /** One that has a character beyond Latin-1 takes two bytes for each. */
    private static long chars(String text) {
      for (int i = 0; i < text.length(); i++) {
        if (text.charAt(i) > 0xff) {
          return 2L * text.length();
        }
      }
      return text.length();
    }

    @Override
    public void writeString(char[] buffer, int offset, int length) {
      bytes += STRING + 2L * length;
    }

    @Override
    public void writeRawUTF8String(byte[] buffer, int offset, int length) {
      bytes += STRING + 2L * length;
    }

    @Override
    public void writeUTF8String(byte[] buffer, int offset, int length) {
      bytes += STRING + 2L * length;
    }

    @Override
    public void writeRaw(String text) {
      bytes += 2L * text.length();
    }

    @Override
    public void writeRaw(String text, int offset, int length) {
      bytes += 2L * length;
    }

    @Override
    public void writeRaw(char[] text, int offset, int length) {
      bytes += 2L * length;
    }

    @Override
    public void writeRaw(char c) {
      bytes += 2;
    }

    @Override
    public void writeRaw(SerializableString text) {
      bytes += 2L * text.charLength();
    }

    @Override
    public void writeBinary(Base64Variant variant, byte[] data, int offset, int length) {
      bytes += STRING + 2L * length;
    }

    @Override
    public void writeNumber(int v) {
      bytes += NUMBER;
    }

    @Override
    public void writeNumber(long v) {
      bytes += NUMBER;
    }

    @Override
    public void writeNumber(BigInteger v) {
      bytes += STRING + v.bitLength() / Byte.SIZE;
    }

    @Override
    public void writeNumber(double v) {
      bytes += NUMBER;
    }

    @Override
    public void writeNumber(float v) {
      bytes += NUMBER;
    }

    @Override
    public void writeNumber(BigDecimal v) {
      bytes += 2 * STRING + v.unscaledValue().bitLength() / Byte.SIZE;
    }

    @Override
    public void writeNumber(String encoded) {
      bytes += STRING + encoded.length();
    }

    @Override
    public void writeBoolean(boolean state) {}

    @Override
    public void writeNull() {}

    @Override
    public void flush() {}

    @Override
    protected void _releaseBuffers() {}

    @Override
    protected void _verifyValueWrite(String typeMsg) {}
  }
}
