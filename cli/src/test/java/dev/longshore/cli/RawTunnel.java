package dev.longshore.cli;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * A WebSocket client by hand, for it asks for any host at an address of the test's choice. For one
 * thread at a time.
 */
final class RawTunnel implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 30_000;
  private static final int TEXT = 0x81;
  private static final int CLOSE = 0x88;
  private static final int PING = 0x89;
  private static final int PONG = 0x8a;

  private final Socket socket;
  private final DataInputStream in;

  /**
   * Opens a tunnel to a backend that says something first.
   *
   * @throws IOException if the answer is not 101, or another
   */
  RawTunnel(int port, String host) throws IOException {
    socket = connect(port);
    in = new DataInputStream(socket.getInputStream());
    ask(
        socket,
        host,
        "Connection: Upgrade\r\n"
            + "Upgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
        "/");
    String head = head(in);
    if (!head.startsWith("HTTP/1.1 101 ")) {
      socket.close();
      throw new IOException(host + " answers " + head.lines().findFirst().orElse("nothing"));
    }
    text();
  }

  /** The status of the answer to a plain request for a path of a host; 0: nobody listens. */
  static int status(int port, String host, String path) {
    try (Socket socket = connect(port)) {
      ask(socket, host, "Connection: close\r\n", path);
      String head = head(new DataInputStream(socket.getInputStream()));
      return Integer.parseInt(head.substring(9, 12));
    } catch (IOException e) {
      return 0;
    }
  }

  /** Sends a text of at most 125 bytes, and waits for the next one that comes. */
  String echo(String message) throws IOException {
    send(TEXT, message.getBytes(StandardCharsets.UTF_8));
    return text();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private static Socket connect(int port) throws IOException {
    Socket socket = new Socket();
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
    return socket;
  }

  private static void ask(Socket socket, String host, String headers, String path)
      throws IOException {
    String request = "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + headers + "\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
  }

  private static String head(DataInputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    String text = "";
    while (!text.endsWith("\r\n\r\n")) {
      head.write(in.readUnsignedByte());
      text = head.toString(StandardCharsets.US_ASCII);
    }
    return text;
  }

  private String text() throws IOException {
    while (true) {
      int type = in.readUnsignedByte();
      int length = in.readUnsignedByte();
      byte[] payload = in.readNBytes(length == 126 ? in.readUnsignedShort() : length);
      switch (type) {
        case TEXT -> {
          return new String(payload, StandardCharsets.UTF_8);
        }
        case PING -> send(PONG, payload);
        case CLOSE ->
            throw new IOException("closed: " + ((payload[0] & 0xff) << 8 | payload[1] & 0xff));
        default -> {}
      }
    }
  }

  /** Masked with zeros, which leaves the payload as it is (RFC 6455 §5.3). */
  private void send(int type, byte[] payload) throws IOException {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.write(type);
    frame.write(0x80 | payload.length);
    frame.writeBytes(new byte[4]);
    frame.writeBytes(payload);
    socket.getOutputStream().write(frame.toByteArray());
  }
}
