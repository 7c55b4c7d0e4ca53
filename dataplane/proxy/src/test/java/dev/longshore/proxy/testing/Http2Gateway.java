package dev.longshore.proxy.testing;

import static dev.longshore.proxy.testing.Http2Client.ACK;
import static dev.longshore.proxy.testing.Http2Client.DATA;
import static dev.longshore.proxy.testing.Http2Client.GOAWAY;
import static dev.longshore.proxy.testing.Http2Client.HEADERS;
import static dev.longshore.proxy.testing.Http2Client.RST_STREAM;
import static dev.longshore.proxy.testing.Http2Client.SETTINGS;
import static dev.longshore.proxy.testing.Http2Client.WINDOW_UPDATE;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.longshore.proxy.testing.Http2Client.Frame;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.Http2Error;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Between a test that writes HTTP/1.1 and a proxy that is spoken to in HTTP/2, so that what was
 * written for one is asked of both: each request is a stream, and a handshake is that of RFC 8441.
 * Requests go one after the other, as they are answered. What HTTP/2 has no word for is told as
 * HTTP/1.1 would: a stream that is reset as malformed is a 400, any other reset one of the
 * connection.
 */
final class Http2Gateway {
  private static final int FRAME = 16_384;
  private static final int FIRST_WINDOW = 65_535;

  private final Socket far;
  private final Http2Client proxy;
  private final PushbackInputStream in;
  private final OutputStream out;
  private long connectionWindow = FIRST_WINDOW;
  private long initialWindow = FIRST_WINDOW;
  private volatile Exchange current;
  private volatile boolean over;

  private Http2Gateway(Socket far, Http2Client proxy) throws IOException {
    this.far = far;
    this.proxy = proxy;
    this.in = new PushbackInputStream(far.getInputStream());
    this.out = far.getOutputStream();
    this.current = new Exchange(-1, "", false, null);
    this.current.answered.countDown();
  }

  /**
   * Speaks HTTP/2 on a connection, which is taken over.
   *
   * @return what HTTP/1.1 is spoken on
   */
  static Socket over(RawConnection proxy, int narrow) throws IOException {
    try (ServerSocket server = new ServerSocket()) {
      if (narrow > 0) {
        server.setReceiveBufferSize(narrow);
      }
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      InetSocketAddress address = (InetSocketAddress) server.getLocalSocketAddress();
      Socket near =
          narrow > 0
              ? Wire.openNarrow(address, Patience.MOST, narrow)
              : Wire.open(address, Patience.MOST);
      Socket far = server.accept();
      far.setTcpNoDelay(true);
      Http2Gateway gateway = new Http2Gateway(far, Http2Client.over(proxy));
      gateway.start(gateway::readRequests);
      gateway.start(gateway::readFrames);
      return near;
    }
  }

  private interface Task {
    void run() throws IOException, InterruptedException;
  }

  /** On a thread of its own, until one of both sides is gone. */
  private void start(Task task) {
    Thread.startVirtualThread(
        () -> {
          try {
            task.run();
          } catch (IOException | UncheckedIOException e) {
            end();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  /** A request, and what has come of its answer. */
  private final class Exchange {
    final int stream;
    final String method;
    final boolean close;
    final @Nullable String key;
    final BlockingQueue<Frame> frames = new LinkedBlockingQueue<>();
    final CountDownLatch answered = new CountDownLatch(1);
    long window = initialWindow;
    volatile boolean sent;
    volatile boolean tunnel;
    private volatile boolean broken;
    private boolean headed;
    private boolean chunked;

    Exchange(int stream, String method, boolean close, @Nullable String key) {
      this.stream = stream;
      this.method = method;
      this.close = close;
      this.key = key;
    }

    /** Passes the answer on, as fast as it is taken. */
    void relay() throws IOException, InterruptedException {
      try {
        while (true) {
          Frame frame = frames.take();
          if (frame.type() == RST_STREAM) {
            broken(frame.number(0));
            return;
          }
          if (frame.type() == HEADERS) {
            head(frame);
          } else {
            data(frame.payload());
          }
          if (frame.last()) {
            ended();
            return;
          }
        }
      } catch (IOException e) {
        // Who asked has gone.
        proxy.reset(stream, (int) Http2Error.CANCEL.code());
        throw e;
      } finally {
        answered.countDown();
      }
    }

    private void head(Frame frame) throws IOException {
      StringBuilder text = new StringBuilder();
      if (headed) {
        fields(text, frame.fields());
        write("0\r\n" + text + "\r\n");
        chunked = false;
        return;
      }
      int status = frame.status();
      headed = status >= 200;
      tunnel = key != null && status == 200;
      HttpResponseStatus line =
          tunnel ? HttpResponseStatus.SWITCHING_PROTOCOLS : HttpResponseStatus.valueOf(status);
      text.append("HTTP/1.1 ").append(line).append("\r\n");
      fields(text, frame.fields());
      if (tunnel && key != null) {
        text.append("upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ");
        text.append(RawClient.accept(key)).append("\r\n");
      } else if (headed && lastOfConnection()) {
        text.append("connection: close\r\n");
      }
      boolean bodyless = !headed || frame.last() || method.equals("HEAD");
      if (!tunnel && !bodyless && !frame.fields().containsKey("content-length")) {
        chunked = true;
        text.append("transfer-encoding: chunked\r\n");
      }
      write(text.append("\r\n").toString());
    }

    /** Whether HTTP/1.1 would end with this answer. */
    private boolean lastOfConnection() {
      return close || key != null || !sent || broken;
    }

    private void data(String payload) throws IOException {
      if (!payload.isEmpty()) {
        write(
            chunked ? Integer.toHexString(payload.length()) + "\r\n" + payload + "\r\n" : payload);
        proxy.allow(stream, payload.length());
      }
    }

    private void ended() throws IOException {
      if (chunked) {
        write("0\r\n\r\n");
      }
      if (tunnel || lastOfConnection()) {
        far.shutdownOutput();
      }
    }

    private void broken(long error) throws IOException {
      broken = true;
      if (!headed && error == Http2Error.PROTOCOL_ERROR.code()) {
        write("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        far.shutdownOutput();
      } else {
        reset();
      }
    }

    private void write(String text) throws IOException {
      out.write(text.getBytes(ISO_8859_1));
      out.flush();
    }
  }

  private static void fields(StringBuilder text, Map<String, String> fields) {
    fields.forEach(
        (name, values) -> {
          if (!name.equals(":status")) {
            for (String value : values.split("\n", -1)) {
              text.append(name).append(": ").append(value).append("\r\n");
            }
          }
        });
  }

  // ---- from the proxy

  private void readFrames() {
    try {
      for (Frame frame = proxy.read(); frame != null; frame = proxy.read()) {
        switch (frame.type()) {
          case SETTINGS -> settings(frame);
          case WINDOW_UPDATE -> windowUpdate(frame);
          case DATA, HEADERS, RST_STREAM -> {
            Exchange exchange = current;
            if (frame.stream() == exchange.stream) {
              exchange.frames.add(frame);
              if (frame.type() == RST_STREAM) {
                start(() -> endUnread(exchange));
              }
            }
          }
          case GOAWAY -> over = true;
          default -> {}
        }
      }
    } catch (UncheckedIOException e) {
      // Nothing comes for a minute, or this was closed.
    }
    over = true;
    current.frames.add(
        new Frame(RST_STREAM, 0, 0, Http2Client.number(Http2Error.CONNECT_ERROR.code()), Map.of()));
    if (current.answered.getCount() == 0) {
      end();
    }
    synchronized (this) {
      notifyAll();
    }
  }

  /** Somebody who reads nothing hears of the end of a stream too, as of that of a connection. */
  private void endUnread(Exchange exchange) throws IOException, InterruptedException {
    if (!exchange.answered.await(1, TimeUnit.SECONDS)) {
      reset();
    }
  }

  private void reset() throws IOException {
    far.setSoLinger(true, 0);
    far.close();
  }

  private synchronized void settings(Frame frame) {
    for (int at = 0; (frame.flags() & ACK) == 0 && at < frame.payload().length(); at += 6) {
      if (frame.payload().charAt(at + 1) == 4) {
        long next = frame.number(at + 2);
        current.window += next - initialWindow;
        initialWindow = next;
      }
    }
    notifyAll();
  }

  private synchronized void windowUpdate(Frame frame) {
    if (frame.stream() == 0) {
      connectionWindow += frame.number(0);
    } else if (frame.stream() == current.stream) {
      current.window += frame.number(0);
    }
    notifyAll();
  }

  /** Waits for as much of the windows as there is, and takes it. */
  private synchronized int take(Exchange exchange, int most) throws IOException {
    while (Math.min(connectionWindow, exchange.window) <= 0) {
      if (over || exchange.answered.getCount() == 0) {
        throw new EOFException("nobody takes it");
      }
      try {
        wait(100);
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }
    int size = (int) Math.min(most, Math.min(connectionWindow, exchange.window));
    connectionWindow -= size;
    exchange.window -= size;
    return size;
  }

  private void send(Exchange exchange, byte[] bytes, int length) throws IOException {
    for (int at = 0; at < length; ) {
      int size = take(exchange, Math.min(FRAME, length - at));
      proxy.data(exchange.stream, new String(bytes, at, size, ISO_8859_1), false);
      at += size;
    }
  }

  // ---- from the test

  private void readRequests() throws IOException, InterruptedException {
    String head = readHead();
    for (int stream = 1; !head.isEmpty() && !over; stream += 2) {
      serve(stream, head);
      head = readHead();
    }
    end();
  }

  private void end() {
    over = true;
    try {
      far.close();
      proxy.close();
    } catch (IOException | UncheckedIOException e) {
      // It is gone already.
    }
  }

  private String readHead() throws IOException {
    StringBuilder text = new StringBuilder();
    while (!text.toString().endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        return "";
      }
      text.append((char) next);
    }
    return text.toString();
  }

  private void serve(int stream, String text) throws IOException, InterruptedException {
    HttpHead head = HttpHead.parse(text);
    int target = head.start().indexOf(' ');
    int version = head.start().lastIndexOf(' ');
    String method = head.start().substring(0, target);
    List<String> connection = tokens(head, "connection");
    boolean upgrade =
        head.start().startsWith("GET ")
            && head.start().endsWith(" HTTP/1.1")
            && connection.contains("upgrade")
            && tokens(head, "upgrade").contains("websocket");
    Exchange exchange =
        new Exchange(
            stream,
            method,
            connection.contains("close"),
            upgrade ? String.valueOf(head.first("sec-websocket-key")) : null);
    List<String> fields = new ArrayList<>();
    fields.addAll(List.of(":method", upgrade ? "CONNECT" : method));
    if (upgrade) {
      fields.addAll(List.of(":protocol", "websocket"));
    }
    String path = head.start().substring(target + 1, version);
    List<String> hosts = head.all("host");
    if (path.startsWith("http://")) {
      // The absolute form, of which HTTP/2 has its parts.
      int slash = path.indexOf('/', "http://".length());
      hosts = List.of(path.substring("http://".length(), slash));
      path = path.substring(slash);
    }
    fields.addAll(List.of(":scheme", "https", ":path", path));
    if (!hosts.isEmpty()) {
      fields.addAll(List.of(":authority", hosts.getFirst()));
    }
    for (HttpHead.Field field : head.fields()) {
      String name = field.name().toLowerCase(Locale.ROOT);
      if (!isOfConnection(name, connection) && !(upgrade && name.equals("sec-websocket-key"))) {
        fields.addAll(List.of(name, field.value()));
      }
    }
    hosts.stream().skip(1).forEach(host -> fields.addAll(List.of("host", host)));
    boolean chunked = head.all("transfer-encoding").contains("chunked");
    String length = head.first("content-length");
    boolean body = upgrade || chunked || (length != null && !length.equals("0"));
    exchange.sent = !body;
    synchronized (this) {
      exchange.window = initialWindow;
      current = exchange;
    }
    proxy.headers(stream, !body, fields.toArray(String[]::new));
    start(exchange::relay);
    try {
      if (upgrade) {
        sendTunnel(exchange);
      } else if (chunked) {
        sendChunks(exchange);
      } else if (body) {
        sendBody(exchange, Long.parseLong(String.valueOf(length)));
      }
    } catch (EOFException e) {
      // It is answered, and what is left of it is no more asked for.
      if (exchange.answered.getCount() > 0) {
        throw e;
      }
    }
    awaitAnswer(exchange);
  }

  private static List<String> tokens(HttpHead head, String name) {
    return head.all(name).stream()
        .flatMap(value -> Arrays.stream(value.toLowerCase(Locale.ROOT).split(",", -1)))
        .map(String::strip)
        .toList();
  }

  private static boolean isOfConnection(String name, List<String> connection) {
    return connection.contains(name)
        || switch (name) {
          case "host",
              "connection",
              "upgrade",
              "keep-alive",
              "proxy-connection",
              "transfer-encoding",
              "http2-settings" ->
              true;
          default -> false;
        };
  }

  /** Reads on, so that it is noticed when who asked goes. */
  private void awaitAnswer(Exchange exchange) throws IOException, InterruptedException {
    if (exchange.answered.getCount() > 0) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException("nobody waits for it");
      }
      in.unread(next);
      exchange.answered.await();
    }
    if (exchange.tunnel || exchange.lastOfConnection()) {
      // As HTTP/1.1 does: what else comes is read, and means nothing.
      in.transferTo(OutputStream.nullOutputStream());
      throw new EOFException("it was the last of its connection");
    }
  }

  private void sendTunnel(Exchange exchange) throws IOException {
    byte[] bytes = new byte[FRAME];
    for (int size = in.read(bytes); size >= 0; size = in.read(bytes)) {
      if (exchange.answered.getCount() == 0 && !exchange.tunnel) {
        return;
      }
      send(exchange, bytes, size);
    }
    proxy.data(exchange.stream, "", true);
    try {
      exchange.answered.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private void sendBody(Exchange exchange, long length) throws IOException {
    byte[] bytes = new byte[FRAME];
    for (long left = length; left > 0; ) {
      int size = in.read(bytes, 0, (int) Math.min(bytes.length, left));
      if (size < 0) {
        throw new IOException("the body breaks off");
      }
      send(exchange, bytes, size);
      left -= size;
    }
    sent(exchange, "");
  }

  private void sendChunks(Exchange exchange) throws IOException {
    while (true) {
      int size = Integer.parseInt(readLine(in), 16);
      if (size == 0) {
        break;
      }
      byte[] chunk = in.readNBytes(size);
      if (chunk.length < size) {
        throw new IOException("the body breaks off");
      }
      send(exchange, chunk, size);
      readLine(in);
    }
    StringBuilder trailers = new StringBuilder();
    for (String line = readLine(in); !line.isEmpty(); line = readLine(in)) {
      trailers.append(line).append("\r\n");
    }
    sent(exchange, trailers.toString());
  }

  private void sent(Exchange exchange, String trailers) {
    exchange.sent = true;
    if (trailers.isEmpty()) {
      proxy.data(exchange.stream, "", true);
      return;
    }
    List<String> fields = new ArrayList<>();
    for (HttpHead.Field field : HttpHead.parse("\r\n" + trailers).fields()) {
      fields.addAll(List.of(field.name().toLowerCase(Locale.ROOT), field.value()));
    }
    proxy.headers(exchange.stream, true, fields.toArray(String[]::new));
  }

  private static String readLine(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    while (!line.toString().endsWith("\r\n")) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("a line breaks off");
      }
      line.append((char) next);
    }
    return line.substring(0, line.length() - 2);
  }
}
