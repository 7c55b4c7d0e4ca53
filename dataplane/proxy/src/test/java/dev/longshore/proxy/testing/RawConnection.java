package dev.longshore.proxy.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLException;

/**
 * One end of a TCP or TLS connection, blocking, that sends and shows exactly the bytes there are.
 * Strings are Latin-1. Reads fail when nothing comes for the socket's time-out.
 */
public class RawConnection implements AutoCloseable {
  private final Socket socket;
  private final Socket transport;
  private final InputStream in;
  private final OutputStream out;

  /**
   * Takes the sockets over.
   *
   * @param socket what is spoken with
   * @param transport TCP beneath; the same if there is nothing between
   */
  public RawConnection(Socket socket, Socket transport) throws IOException {
    this.socket = socket;
    this.transport = transport;
    this.in = new BufferedInputStream(socket.getInputStream());
    this.out = socket.getOutputStream();
  }

  /** Sends text as it is; lines have to bring their CRLF. */
  public RawConnection send(String text) {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Sends bytes as they are. */
  public RawConnection send(byte[] bytes) {
    try {
      out.write(bytes);
      out.flush();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends bytes beneath TLS, unless the other side has ended the connection. */
  public void sendBeneath(byte[] bytes) {
    try {
      transport.getOutputStream().write(bytes);
    } catch (SocketException e) {
      // Then they have had their effect.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads a message head, to the empty line. */
  public HttpHead readHead() {
    StringBuilder text = new StringBuilder();
    try {
      while (text.length() < 4 || !text.substring(text.length() - 4).equals("\r\n\r\n")) {
        int next = in.read();
        if (next < 0) {
          throw new EOFException("the connection ended after: " + text);
        }
        text.append((char) next);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("after '" + text + "': " + e.getMessage(), e);
    }
    return HttpHead.parse(text.toString());
  }

  /** Reads exactly so many bytes. */
  public String read(int count) {
    try {
      byte[] bytes = in.readNBytes(count);
      if (bytes.length < count) {
        throw new EOFException(
            "the connection ended after " + bytes.length + " of " + count + " bytes");
      }
      return new String(bytes, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads the body that a head announces: by chunks (decoded), by length, or to the end. */
  public String readBody(HttpHead head) {
    if (head.all("transfer-encoding").contains("chunked")) {
      return readChunks().body();
    }
    String length = head.first("content-length");
    return length == null ? readToEnd() : read(Integer.parseInt(length));
  }

  /** Reads a chunked body with its trailer section. */
  public Chunked readChunks() {
    StringBuilder body = new StringBuilder();
    while (true) {
      int size = Integer.parseInt(readLine(), 16);
      if (size == 0) {
        StringBuilder trailers = new StringBuilder();
        for (String line = readLine(); !line.isEmpty(); line = readLine()) {
          trailers.append(line).append('\n');
        }
        return new Chunked(body.toString(), trailers.toString());
      }
      body.append(read(size));
      readLine();
    }
  }

  /**
   * A chunked body.
   *
   * @param body its content
   * @param trailers each with a line feed behind it
   */
  public record Chunked(String body, String trailers) {}

  /** Reads to a CRLF, which is not returned. */
  public String readLine() {
    StringBuilder line = new StringBuilder();
    while (line.length() < 2 || !line.substring(line.length() - 2).equals("\r\n")) {
      line.append(read(1));
    }
    return line.substring(0, line.length() - 2);
  }

  /** Reads until the other side ends the stream; a reset counts as an end. */
  public String readToEnd() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try {
      for (int next = in.read(); next >= 0; next = in.read()) {
        all.write(next);
      }
    } catch (SocketTimeoutException e) {
      throw new UncheckedIOException(
          "not closed, after '" + all.toString(StandardCharsets.ISO_8859_1) + "'", e);
    } catch (SocketException | SSLException e) {
      // A reset: what came before it is all there is.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all.toString(StandardCharsets.ISO_8859_1);
  }

  /** Whether nothing comes for so many milliseconds, and the connection stays open. */
  public boolean isSilentFor(int millis) {
    try {
      int before = socket.getSoTimeout();
      socket.setSoTimeout(millis);
      in.mark(1);
      try {
        int next = in.read();
        if (next >= 0) {
          in.reset();
        }
        return false;
      } catch (SocketTimeoutException e) {
        return true;
      } finally {
        socket.setSoTimeout(before);
      }
    } catch (IOException e) {
      return false;
    }
  }

  /** Ends our direction; the other may go on. */
  public void shutdownOutput() {
    try {
      socket.shutdownOutput();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends the TCP connection with FIN, and TLS, if there is any, without a word. */
  public void cut() {
    try {
      transport.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends the connection with RST. */
  public void reset() {
    try {
      transport.setSoLinger(true, 0);
      transport.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The socket, for options and addresses. */
  public Socket socket() {
    return socket;
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
