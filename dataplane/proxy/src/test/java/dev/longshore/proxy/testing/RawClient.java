package dev.longshore.proxy.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** A client of the proxy that sends exactly what it is told. */
public final class RawClient extends RawConnection {

  private static final int NARROW_BYTES = 4096;

  /** A key and the answer to it, from RFC 6455 §1.3. */
  public static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

  /** The Sec-WebSocket-Accept for {@link #KEY}. */
  public static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private static RawClient speaking(Wire wire, Socket transport, int narrow) throws IOException {
    Socket spoken = wire.over(transport, narrow);
    return new RawClient(spoken, wire.isHttp1() ? transport : spoken);
  }

  /** Takes over what a test has made of a connection. */
  public static RawClient over(Socket socket, Socket transport) {
    try {
      return new RawClient(socket, transport);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private RawClient(Socket socket, Socket transport) throws IOException {
    super(socket, transport);
  }

  /** Connects. */
  public static RawClient connect(Wire wire, InetSocketAddress address) {
    try {
      return speaking(wire, Wire.open(address, Patience.MOST), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Connects with a small receive buffer, so that what nobody reads is soon held back. */
  public static RawClient connectNarrow(Wire wire, InetSocketAddress address) {
    try {
      return speaking(wire, Wire.openNarrow(address, Patience.MOST, NARROW_BYTES), NARROW_BYTES);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The Sec-WebSocket-Accept for a key. */
  public static String accept(String key) {
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      return Base64.getEncoder()
          .encodeToString(sha1.digest((key + GUID).getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A complete handshake request for {@code path} with further header lines, each with CRLF. */
  public static String handshake(String path, String... lines) {
    return "GET "
        + path
        + " HTTP/1.1\r\nHost: chat.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
        + KEY
        + "\r\n"
        + String.join("", lines)
        + "\r\n";
  }

  /** A binary message of a client in one frame, with a mask of zeros; less than 64 KiB. */
  public static String message(String payload) {
    int length = payload.length();
    String header =
        length < 126
            ? "\u0082" + (char) (0x80 | length)
            : "\u0082\u00fe" + (char) (length >> 8) + (char) (length & 0xff);
    return header + "\0\0\0\0" + payload;
  }

  /** A complete GET for {@code path} with further header lines, each with CRLF. */
  public static String get(String path, String... lines) {
    return "GET "
        + path
        + " HTTP/1.1\r\nHost: chat.example.com\r\n"
        + String.join("", lines)
        + "\r\n";
  }
}
