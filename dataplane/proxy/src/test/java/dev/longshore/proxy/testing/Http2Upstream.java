package dev.longshore.proxy.testing;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * An upstream that speaks HTTP/2, frame by frame, as its script says: what no server would send,
 * too.
 */
public final class Http2Upstream implements AutoCloseable {
  public static final int DATA = 0;
  public static final int HEADERS = 1;
  public static final int RST_STREAM = 3;
  public static final int SETTINGS = 4;
  public static final int PUSH_PROMISE = 5;
  public static final int PING = 6;
  public static final int GOAWAY = 7;
  public static final int WINDOW_UPDATE = 8;
  public static final int CONTINUATION = 9;
  public static final int END_STREAM = 1;
  public static final int ACK = 1;
  public static final int END_HEADERS = 4;
  public static final int REFUSED_STREAM = 7;
  public static final int MAX_CONCURRENT_STREAMS = 3;

  private static final int PREFACE_BYTES = 24;
  private static final int HEAD_BYTES = 9;

  private final ServerSocket server;
  private final Security security;
  private final Script script;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger accepted = new AtomicInteger();
  private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();

  /** What is done to one connection; it is closed afterwards. */
  @FunctionalInterface
  public interface Script {
    /** Plays the upstream's part. */
    void play(Peer peer) throws Exception;
  }

  @FunctionalInterface
  private interface Security {
    Socket over(Socket accepted) throws IOException;
  }

  /** A frame that came. */
  public record Frame(int type, int flags, int id, byte[] payload) {
    /** Whether a flag is set. */
    public boolean has(int flag) {
      return (flags & flag) != 0;
    }

    /** The payload's last four bytes: a code, or an increment. */
    public int number() {
      return ByteBuffer.wrap(payload).getInt(payload.length - 4);
    }
  }

  /** A request that came whole. */
  public record Request(int id, Http2Headers head, String body, @Nullable Http2Headers trailers) {
    /** A field of its head; null: not there. */
    public @Nullable String field(String name) {
      CharSequence value = head.get(name);
      return value == null ? null : value.toString();
    }
  }

  private Http2Upstream(Security security, Script script) {
    this.security = security;
    this.script = script;
    try {
      server = new ServerSocket();
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 128);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  /** Listens on a free loopback port, in the clear. */
  public static Http2Upstream start(Script script) {
    return new Http2Upstream(accepted -> accepted, script);
  }

  /**
   * Listens for TLS, with these protocols for ALPN, and may insist on a certificate of the client.
   */
  public static Http2Upstream secured(
      SSLContext context, boolean clientAuth, List<String> alpn, Script script) {
    return new Http2Upstream(
        accepted -> {
          SSLSocket socket =
              (SSLSocket) context.getSocketFactory().createSocket(accepted, null, 0, true);
          socket.setUseClientMode(false);
          socket.setNeedClientAuth(clientAuth);
          SSLParameters parameters = socket.getSSLParameters();
          parameters.setApplicationProtocols(alpn.toArray(new String[0]));
          socket.setSSLParameters(parameters);
          socket.startHandshake();
          return socket;
        },
        script);
  }

  /** Answers every request with 200 and its path, a blank, and its body or, if long, its length. */
  public static final Script ECHO =
      peer -> {
        while (true) {
          Request request = peer.readRequest();
          peer.headers(request.id(), false, ":status", "200", "x-connection", "" + peer.number());
          String body = request.body();
          String told = body.length() < 1000 ? body : "" + body.length();
          peer.data(request.id(), request.field(":path") + " " + told, true);
        }
      };

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        socket.setTcpNoDelay(true);
        socket.setSoTimeout((int) Patience.MOST.toMillis());
        open.add(socket);
        int number = accepted.incrementAndGet();
        Thread.ofVirtual().start(() -> play(socket, number));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void play(Socket socket, int number) {
    try (socket) {
      script.play(new Peer(security.over(socket), number));
    } catch (IOException | UncheckedIOException e) {
      // The proxy ended the connection; what the test expects of that it asserts on its side.
    } catch (Throwable e) {
      failures.add(e);
    } finally {
      open.remove(socket);
    }
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return (InetSocketAddress) server.getLocalSocketAddress();
  }

  /** Connections that it ever accepted. */
  public int accepted() {
    return accepted.get();
  }

  /** Connections that are open now. */
  public int open() {
    return open.size();
  }

  /** The next request that a script has read; waits for it. */
  public Request request() throws InterruptedException {
    Request request = requests.poll(60, TimeUnit.SECONDS);
    if (request == null) {
      throw new AssertionError("the upstream got no request; its scripts failed with " + failures);
    }
    return request;
  }

  @Override
  public void close() {
    try {
      server.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (!failures.isEmpty()) {
      throw new AssertionError("the upstream's script failed", failures.getFirst());
    }
  }

  /** A connection from the proxy. Used by one thread, but for what writes. */
  public final class Peer {
    private final Socket socket;
    private final int number;
    private final DataInputStream in;
    private final OutputStream out;
    private final DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);
    private final Map<Integer, Partial> partial = new HashMap<>();
    private boolean opened;
    private boolean opensWindows = true;

    /** A request that has not come whole. */
    private record Partial(Http2Headers head, ByteArrayOutputStream body) {}

    private Peer(Socket socket, int number) throws IOException {
      this.socket = socket;
      this.number = number;
      this.in = new DataInputStream(socket.getInputStream());
      this.out = socket.getOutputStream();
    }

    /** 1 for the first connection, and so on. */
    public int number() {
      return number;
    }

    /** Begins: reads the preface, and sends SETTINGS of pairs of identifier and value. */
    public Peer open(int... settings) throws IOException {
      byte[] preface = new byte[PREFACE_BYTES];
      in.readFully(preface);
      if (!new String(preface, StandardCharsets.US_ASCII).startsWith("PRI * HTTP/2.0")) {
        throw new AssertionError("no preface: " + new String(preface, StandardCharsets.US_ASCII));
      }
      opened = true;
      return settings(settings);
    }

    /** Sends SETTINGS of pairs of identifier and value. */
    public Peer settings(int... settings) throws IOException {
      ByteBuffer payload = ByteBuffer.allocate(settings.length / 2 * 6);
      for (int i = 0; i < settings.length; i += 2) {
        payload.putShort((short) settings[i]).putInt(settings[i + 1]);
      }
      return frame(SETTINGS, 0, 0, payload.array());
    }

    /** Gives no further windows for bodies from now on. */
    public Peer keepsWindows() {
      opensWindows = false;
      return this;
    }

    /** The next frame, whatever it is. */
    public Frame read() throws IOException {
      if (!opened) {
        open();
      }
      byte[] head = new byte[HEAD_BYTES];
      in.readFully(head);
      ByteBuffer of = ByteBuffer.wrap(head);
      int length = (of.getShort() & 0xffff) << 8 | (of.get() & 0xff);
      int type = of.get();
      int flags = of.get();
      int id = of.getInt();
      byte[] payload = new byte[length];
      in.readFully(payload);
      return new Frame(type, flags, id, payload);
    }

    /** The next one that is no SETTINGS, PING or WINDOW_UPDATE, which are answered. */
    public Frame next() throws IOException {
      while (true) {
        Frame frame = read();
        switch (frame.type()) {
          case SETTINGS -> {
            if (!frame.has(ACK)) {
              frame(SETTINGS, ACK, 0);
            }
          }
          case PING -> {
            if (!frame.has(ACK)) {
              frame(PING, ACK, 0, frame.payload());
            }
          }
          case WINDOW_UPDATE -> {}
          case DATA -> {
            if (opensWindows && frame.payload().length > 0) {
              window(0, frame.payload().length);
              window(frame.id(), frame.payload().length);
            }
            return frame;
          }
          default -> {
            return frame;
          }
        }
      }
    }

    /** The next frame of a type; others are skipped. */
    public Frame next(int type) throws IOException {
      while (true) {
        Frame frame = next();
        if (frame.type() == type) {
          return frame;
        }
      }
    }

    /** The next request that comes whole; kept for {@link Http2Upstream#request()}. */
    public Request readRequest() throws IOException {
      while (true) {
        Frame frame = next();
        Partial of = partial.get(frame.id());
        switch (frame.type()) {
          case HEADERS -> {
            Http2Headers list = headers(frame);
            if (of == null) {
              of = new Partial(list, new ByteArrayOutputStream());
              partial.put(frame.id(), of);
            } else {
              return complete(frame.id(), of, list);
            }
          }
          case DATA -> {
            if (of != null) {
              of.body().writeBytes(frame.payload());
            }
          }
          case RST_STREAM -> partial.remove(frame.id());
          case GOAWAY -> throw new EOFException("the proxy goes away");
          default -> {}
        }
        if (of != null && frame.has(END_STREAM)) {
          return complete(frame.id(), of, null);
        }
      }
    }

    private Request complete(int id, Partial of, @Nullable Http2Headers trailers) {
      partial.remove(id);
      Request request =
          new Request(id, of.head(), of.body().toString(StandardCharsets.UTF_8), trailers);
      requests.add(request);
      return request;
    }

    /** The header list of a HEADERS frame, which has to be whole. */
    public Http2Headers headers(Frame frame) throws IOException {
      if (!frame.has(END_HEADERS)) {
        throw new AssertionError("a header list in several frames");
      }
      try {
        return decoder.decodeHeaders(frame.id(), Unpooled.wrappedBuffer(frame.payload()));
      } catch (Http2Exception e) {
        throw new AssertionError(e);
      }
    }

    /** Sends a frame. */
    public synchronized Peer frame(int type, int flags, int id, byte... payload)
        throws IOException {
      ByteBuffer frame = ByteBuffer.allocate(HEAD_BYTES + payload.length);
      frame.put((byte) (payload.length >> 16)).putShort((short) payload.length);
      frame.put((byte) type).put((byte) flags).putInt(id).put(payload);
      out.write(frame.array());
      out.flush();
      return this;
    }

    /** Sends a header list, of names and values. */
    public synchronized Peer headers(int id, boolean last, String... fields) throws IOException {
      return frame(HEADERS, END_HEADERS | (last ? END_STREAM : 0), id, block(id, fields));
    }

    /** A header list, encoded. */
    public byte[] block(int id, String... fields) {
      Http2Headers list = new DefaultHttp2Headers(false);
      for (int i = 0; i < fields.length; i += 2) {
        list.add(fields[i], fields[i + 1]);
      }
      ByteBuf block = Unpooled.buffer();
      try {
        encoder.encodeHeaders(id, list, block);
      } catch (Http2Exception e) {
        throw new AssertionError(e);
      }
      return Arrays.copyOf(block.array(), block.readableBytes());
    }

    /** Sends data. */
    public Peer data(int id, String text, boolean last) throws IOException {
      return frame(DATA, last ? END_STREAM : 0, id, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Sends data. */
    public Peer data(int id, byte[] bytes, boolean last) throws IOException {
      return frame(DATA, last ? END_STREAM : 0, id, bytes);
    }

    /** Resets a stream. */
    public Peer reset(int id, int code) throws IOException {
      return frame(RST_STREAM, 0, id, ByteBuffer.allocate(4).putInt(code).array());
    }

    /** Goes away. */
    public Peer goAway(int last, int code) throws IOException {
      return frame(GOAWAY, 0, 0, ByteBuffer.allocate(8).putInt(last).putInt(code).array());
    }

    /** Opens a window. */
    public Peer window(int id, int increment) throws IOException {
      return frame(WINDOW_UPDATE, 0, id, ByteBuffer.allocate(4).putInt(increment).array());
    }

    /** Sends bytes that are no frame. */
    public synchronized Peer raw(String text) throws IOException {
      out.write(text.getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
      return this;
    }

    /** Reads until the proxy ends the connection. */
    public void awaitEnd() {
      try {
        while (true) {
          next();
        }
      } catch (IOException e) {
        // The end.
      }
    }

    /** Ends without a word. */
    public void cut() throws IOException {
      socket.close();
    }
  }
}
