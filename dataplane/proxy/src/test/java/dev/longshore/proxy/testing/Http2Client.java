package dev.longshore.proxy.testing;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A client of HTTP/2 that sends exactly the frames that it is told to, however wrong, and shows
 * those that come. Keeps no state of streams or windows; SETTINGS and PINGs are acknowledged.
 */
public final class Http2Client implements AutoCloseable {
  /** Frame types (RFC 9113 §6). */
  public static final int DATA = 0;

  public static final int HEADERS = 1;
  public static final int PRIORITY = 2;
  public static final int RST_STREAM = 3;
  public static final int SETTINGS = 4;
  public static final int PING = 6;
  public static final int GOAWAY = 7;
  public static final int WINDOW_UPDATE = 8;
  public static final int CONTINUATION = 9;

  /** Flags. */
  public static final int END_STREAM = 1;

  public static final int ACK = 1;
  public static final int END_HEADERS = 4;

  private static final int FRAME = 16_384;

  private final RawConnection connection;
  private final DefaultHttp2HeadersEncoder encoder =
      new DefaultHttp2HeadersEncoder(Http2HeadersEncoder.NEVER_SENSITIVE, true);
  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false, 1 << 20);
  private final Deque<Frame> seen = new ArrayDeque<>();
  private boolean acknowledging = true;

  private Http2Client(RawConnection connection) {
    this.connection = connection;
  }

  /**
   * A frame as it came.
   *
   * @param fields of HEADERS, else empty; names to values, several joined by a line feed
   * @param payload Latin-1
   */
  public record Frame(int type, int flags, int stream, String payload, Map<String, String> fields) {
    /** Whether the stream ends with it. */
    public boolean last() {
      return (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0;
    }

    /** A number of 32 bits in the payload. */
    public long number(int at) {
      long number = 0;
      for (int i = at; i < at + 4; i++) {
        number = number << 8 | (payload.charAt(i) & 0xff);
      }
      return number;
    }

    /** {@code :status}. */
    public int status() {
      return Integer.parseInt(fields.get(":status"));
    }
  }

  /** Speaks HTTP/2 over a connection, which is taken over; the preface is sent. */
  public static Http2Client over(RawConnection connection) {
    Http2Client client = new Http2Client(connection);
    connection.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    client.frame(SETTINGS, 0, 0, "");
    return client;
  }

  /** By prior knowledge, in the clear. */
  public static Http2Client clear(TestProxy proxy) {
    return over(RawClient.connect(Wire.PLAIN, proxy.address()));
  }

  /** Over TLS, by ALPN. */
  public static Http2Client secured(TestProxy proxy) {
    try {
      return over(TlsClient.to(proxy).name(TestCertificates.HOST).protocols("h2").connect());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Answers neither SETTINGS nor PINGs from now on. */
  public Http2Client silent() {
    acknowledging = false;
    return this;
  }

  /** Sends a frame. */
  public Http2Client frame(int type, int flags, int stream, String payload) {
    connection.send(bytes(type, flags, stream, payload));
    return this;
  }

  /** A frame's bytes. */
  public static byte[] bytes(int type, int flags, int stream, String payload) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int length = payload.length();
    out.write(length >> 16);
    out.write(length >> 8);
    out.write(length);
    out.write(type);
    out.write(flags);
    out.writeBytes(number(stream).getBytes(StandardCharsets.ISO_8859_1));
    out.writeBytes(payload.getBytes(StandardCharsets.ISO_8859_1));
    return out.toByteArray();
  }

  /** 32 bits. */
  public static String number(long value) {
    return ""
        + (char) (value >> 24 & 0xff)
        + (char) (value >> 16 & 0xff)
        + (char) (value >> 8 & 0xff)
        + (char) (value & 0xff);
  }

  /** A setting, for the payload of SETTINGS. */
  public static String setting(int id, long value) {
    return "" + (char) (id >> 8) + (char) (id & 0xff) + number(value);
  }

  /** The block of a header list: names and values in turn. */
  public String block(String... fields) {
    Http2Headers list = new DefaultHttp2Headers(false);
    for (int i = 0; i < fields.length; i += 2) {
      list.add(fields[i], fields[i + 1]);
    }
    ByteBuf out = Unpooled.buffer();
    try {
      encoder.encodeHeaders(1, list, out);
    } catch (Http2Exception e) {
      throw new IllegalStateException(e);
    }
    return out.toString(StandardCharsets.ISO_8859_1);
  }

  /** Sends HEADERS, and CONTINUATION if it is long: names and values in turn. */
  public Http2Client headers(int stream, boolean last, String... fields) {
    String block = block(fields);
    int type = HEADERS;
    int flags = last ? END_STREAM : 0;
    while (block.length() > FRAME) {
      frame(type, flags, stream, block.substring(0, FRAME));
      block = block.substring(FRAME);
      type = CONTINUATION;
      flags = 0;
    }
    return frame(type, flags | END_HEADERS, stream, block);
  }

  /** Sends a GET with further fields. */
  public Http2Client get(int stream, String path, String... fields) {
    return headers(stream, true, request("GET", path, fields));
  }

  /** Sends the head of a POST with further fields. */
  public Http2Client post(int stream, String path, String... fields) {
    return headers(stream, false, request("POST", path, fields));
  }

  /** Asks for a WebSocket (RFC 8441) with further fields. */
  public Http2Client webSocket(int stream, String path, String... fields) {
    String[] head = request("CONNECT", path, ":protocol", "websocket");
    String[] all = new String[head.length + 2 + fields.length];
    System.arraycopy(head, 0, all, 0, head.length);
    all[head.length] = "sec-websocket-version";
    all[head.length + 1] = "13";
    System.arraycopy(fields, 0, all, head.length + 2, fields.length);
    return headers(stream, false, all);
  }

  private static String[] request(String method, String path, String... fields) {
    String[] all = new String[8 + fields.length];
    String[] head = {
      ":method", method, ":scheme", "https", ":authority", "chat.example.com", ":path", path
    };
    System.arraycopy(head, 0, all, 0, 8);
    System.arraycopy(fields, 0, all, 8, fields.length);
    return all;
  }

  /** Sends DATA. */
  public Http2Client data(int stream, String payload, boolean last) {
    return frame(DATA, last ? END_STREAM : 0, stream, payload);
  }

  /** Sends RST_STREAM. */
  public Http2Client reset(int stream, int code) {
    return frame(RST_STREAM, 0, stream, number(code));
  }

  /**
   * The next frame that isn't SETTINGS, WINDOW_UPDATE or a PING; null: the connection has ended.
   */
  public @Nullable Frame next() {
    return next(frame -> true);
  }

  /** The next frame of a stream. */
  public Frame next(int stream) {
    Frame frame = next(each -> each.stream() == stream);
    if (frame == null) {
      throw new AssertionError("the connection ended before a frame of stream " + stream);
    }
    return frame;
  }

  /** The next frame of a type, of whatever stream; null: the connection has ended. */
  public @Nullable Frame nextOf(int type) {
    return next(each -> each.type() == type);
  }

  private @Nullable Frame next(Predicate<Frame> wanted) {
    for (Frame frame : seen) {
      if (wanted.test(frame)) {
        seen.remove(frame);
        return frame;
      }
    }
    while (true) {
      Frame frame = read();
      if (frame == null) {
        return null;
      }
      if (wanted.test(frame) && !isHousekeeping(frame)) {
        return frame;
      }
      if (!isHousekeeping(frame)) {
        seen.add(frame);
      }
    }
  }

  private static boolean isHousekeeping(Frame frame) {
    return frame.type() == SETTINGS || frame.type() == WINDOW_UPDATE || frame.type() == PING;
  }

  /** The next frame whatever it is; null: the connection has ended. */
  public @Nullable Frame read() {
    String head;
    try {
      head = connection.read(9);
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof java.net.SocketTimeoutException) {
        throw e;
      }
      return null;
    }
    int length = head.charAt(0) << 16 | head.charAt(1) << 8 | head.charAt(2);
    int type = head.charAt(3);
    int flags = head.charAt(4);
    int stream =
        (head.charAt(5) & 0x7f) << 24 | head.charAt(6) << 16 | head.charAt(7) << 8 | head.charAt(8);
    String payload = connection.read(length);
    if (acknowledging && (flags & ACK) == 0 && (type == SETTINGS || type == PING)) {
      try {
        frame(type, ACK, 0, type == PING ? payload : "");
      } catch (UncheckedIOException e) {
        // It has been ended; what came before is still read.
      }
    }
    if (type != HEADERS) {
      return new Frame(type, flags, stream, payload, Map.of());
    }
    StringBuilder block = new StringBuilder(payload);
    for (int last = flags; (last & END_HEADERS) == 0; ) {
      String next = connection.read(9);
      last = next.charAt(4);
      block.append(connection.read(next.charAt(0) << 16 | next.charAt(1) << 8 | next.charAt(2)));
    }
    return new Frame(type, flags, stream, payload, fields(stream, block.toString()));
  }

  private Map<String, String> fields(int stream, String block) {
    Map<String, String> fields = new TreeMap<>();
    ByteBuf in = Unpooled.wrappedBuffer(block.getBytes(StandardCharsets.ISO_8859_1));
    try {
      for (Map.Entry<CharSequence, CharSequence> field : decoder.decodeHeaders(stream, in)) {
        fields.merge(
            field.getKey().toString(),
            field.getValue().toString(),
            (one, other) -> one + "\n" + other);
      }
    } catch (Http2Exception e) {
      throw new IllegalStateException(e);
    }
    return fields;
  }

  /**
   * An answer.
   *
   * @param trailers the fields behind the body
   */
  public record Answer(
      int status, Map<String, String> fields, String body, Map<String, String> trailers) {}

  /** Reads the answer of a stream to its end; fails if it is reset. */
  public Answer answer(int stream) {
    Frame head = next(stream);
    if (head.type() != HEADERS) {
      throw new AssertionError("no answer but " + head);
    }
    StringBuilder body = new StringBuilder();
    Map<String, String> trailers = Map.of();
    Frame frame = head;
    while (!frame.last()) {
      frame = next(stream);
      switch (frame.type()) {
        case DATA -> {
          body.append(frame.payload());
          allow(stream, frame.payload().length());
        }
        case HEADERS -> trailers = frame.fields();
        default -> throw new AssertionError("in the answer: " + frame);
      }
    }
    return new Answer(head.status(), head.fields(), body.toString(), trailers);
  }

  /** Lets the proxy send so much more, on a stream and on the connection. */
  public Http2Client allow(int stream, int bytes) {
    if (bytes > 0) {
      frame(WINDOW_UPDATE, 0, stream, number(bytes));
      frame(WINDOW_UPDATE, 0, 0, number(bytes));
    }
    return this;
  }

  /** The connection beneath. */
  public RawConnection connection() {
    return connection;
  }

  @Override
  public void close() {
    connection.close();
  }
}
