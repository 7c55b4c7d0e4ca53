package dev.longshore.cli.rehearsal;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A client's connection of a rehearsal, on a blocking socket. For one thread. */
final class Client implements Closeable {
  private static final int PATIENCE_MILLIS = 10_000;
  private static final int FINAL_BINARY = 0x82;
  private static final int FINAL_CLOSE = 0x88;
  private static final int OPCODE = 0xf;
  private static final int CLOSE = 8;
  private static final byte[] NORMAL = {0x03, (byte) 0xe8};

  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;

  /**
   * Speaks on a connection.
   *
   * @param socket connected, and closed with this
   */
  Client(Socket socket) throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(PATIENCE_MILLIS);
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    out = new BufferedOutputStream(socket.getOutputStream());
  }

  /**
   * Opens a WebSocket.
   *
   * @throws IOException if it is refused
   */
  void open(String path) throws IOException {
    String status =
        ask(
            "GET "
                + path
                + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + "Origin: http://localhost\r\nUser-Agent: rehearsal\r\n\r\n");
    if (!status.startsWith("HTTP/1.1 101 ")) {
      throw new IOException("a handshake was answered " + status);
    }
  }

  /** Asks for a page, and reads it. */
  void get(String path) throws IOException {
    String status =
        ask("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nUser-Agent: rehearsal\r\n\r\n");
    if (!status.startsWith("HTTP/1.1 200 ")) {
      throw new IOException("a request was answered " + status);
    }
    in.skipNBytes("hello\n".length());
  }

  private String ask(String head) throws IOException {
    out.write(head.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
    String status = line();
    while (!line().isEmpty()) {
      // What the fields say matters to nobody here.
    }
    return status;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.readUnsignedByte(); c != '\n'; c = in.readUnsignedByte()) {
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  /** Sends a message, and does not wait. */
  void send(int bytes) throws IOException {
    Frames.write(out, FINAL_BINARY, new byte[bytes], true);
    out.flush();
  }

  /** Waits for a message. */
  void receive() throws IOException {
    in.readUnsignedByte();
    Frames.payload(in);
  }

  /** Says Close, and waits for the answer. */
  void leave() throws IOException {
    Frames.write(out, FINAL_CLOSE, NORMAL.clone(), true);
    out.flush();
    receive();
  }

  /** Answers the other's Close, waits for the end of its stream and ends this one. */
  void untilClosed() throws IOException {
    try (socket) {
      while (true) {
        int first = in.readUnsignedByte();
        byte[] payload = Frames.payload(in);
        if ((first & OPCODE) == CLOSE) {
          Frames.write(out, FINAL_CLOSE, payload, true);
          out.flush();
        }
      }
    } catch (EOFException e) {
      // As it should.
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
