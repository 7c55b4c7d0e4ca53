package dev.longshore.cli.rehearsal;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Locale;

/**
 * What a rehearsal sends to: echoes the messages of WebSockets and answers plain requests, one
 * virtual thread a connection. On blocking sockets of the JDK and not on Netty, so that the
 * profiles of Netty's classes are those of the data plane alone.
 */
public final class Backend implements Closeable {
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455 section 1.3
  private static final int FIN_AND_OPCODE = 0x8f;
  private static final int CLOSE = 8;
  private static final byte[] ANSWER =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nhello\n"
          .getBytes(StandardCharsets.ISO_8859_1);

  private final ServerSocket listener;

  /** Listens on a free port of the loopback address. */
  public Backend() throws IOException {
    listener = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  /** Where it listens. */
  public int port() {
    return listener.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException e) {
      // Closed: the rehearsal is over.
    }
  }

  private static void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
      OutputStream out = new BufferedOutputStream(socket.getOutputStream());
      while (true) {
        String key = "";
        long body = 0;
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
          String lower = line.toLowerCase(Locale.ROOT);
          if (lower.startsWith("sec-websocket-key:")) {
            key = line.substring(line.indexOf(':') + 1).strip();
          } else if (lower.startsWith("content-length:")) {
            body = Long.parseLong(line.substring(line.indexOf(':') + 1).strip());
          }
        }
        in.skipNBytes(body);
        if (!key.isEmpty()) {
          out.write(accepted(key).getBytes(StandardCharsets.ISO_8859_1));
          out.flush();
          echo(in, out);
          return;
        }
        out.write(ANSWER);
        out.flush();
      }
    } catch (IOException | GeneralSecurityException e) {
      // The connection has ended, as all do.
    }
  }

  private static String line(DataInputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.readUnsignedByte(); c != '\n'; c = in.readUnsignedByte()) {
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  private static String accepted(String key) throws GeneralSecurityException {
    byte[] digest =
        MessageDigest.getInstance("SHA-1")
            .digest((key + GUID).getBytes(StandardCharsets.ISO_8859_1));
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Accept: "
        + Base64.getEncoder().encodeToString(digest)
        + "\r\n\r\n";
  }

  private static void echo(DataInputStream in, OutputStream out) throws IOException {
    while (true) {
      int first = in.readUnsignedByte();
      byte[] payload = Frames.payload(in);
      Frames.write(out, first & FIN_AND_OPCODE, payload, false);
      out.flush();
      if ((first & 0xf) == CLOSE) {
        return;
      }
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
