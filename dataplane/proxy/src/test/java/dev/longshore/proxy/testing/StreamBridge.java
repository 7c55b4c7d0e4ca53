package dev.longshore.proxy.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.longshore.proxy.testing.Http2Upstream.Frame;
import dev.longshore.proxy.testing.Http2Upstream.Peer;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Between a proxy whose WebSockets are streams (RFC 8441) and an upstream that is written in
 * HTTP/1.1, so that what was written for one is asked of both: {@link Http2Gateway} the other way
 * round. Each CONNECT is a connection to the upstream; its end is END_STREAM, its reset is
 * RST_STREAM with CANCEL, both ways.
 */
final class StreamBridge {
  private static final int ENABLE_CONNECT_PROTOCOL = 8;
  private static final int INITIAL_WINDOW_SIZE = 4;
  private static final int FRAME = 16_384;
  private static final int FIRST_WINDOW = 65_535;

  private static final Set<String> NOT_OF_A_STREAM =
      Set.of("upgrade", "connection", "sec-websocket-accept", "keep-alive", "transfer-encoding");

  private final Peer peer;
  private final InetSocketAddress upstream;
  private final Map<Integer, Stream> streams = new ConcurrentHashMap<>();
  private long connectionWindow = FIRST_WINDOW;
  private long initialWindow = FIRST_WINDOW;
  private boolean over;

  private StreamBridge(Peer peer, InetSocketAddress upstream) {
    this.peer = peer;
    this.upstream = upstream;
  }

  /** Listens for HTTP/2 in the clear; closed by whoever started it. */
  static Http2Upstream before(InetSocketAddress upstream) {
    return Http2Upstream.start(peer -> new StreamBridge(peer, upstream).play());
  }

  private void play() throws IOException {
    peer.open(ENABLE_CONNECT_PROTOCOL, 1);
    try {
      while (true) {
        took(peer.read());
      }
    } finally {
      synchronized (this) {
        over = true;
        notifyAll();
      }
      streams.values().forEach(Stream::reset);
    }
  }

  private void took(Frame frame) throws IOException {
    switch (frame.type()) {
      case Http2Upstream.SETTINGS -> {
        if (!frame.has(Http2Upstream.ACK)) {
          settings(ByteBuffer.wrap(frame.payload()));
          peer.frame(Http2Upstream.SETTINGS, Http2Upstream.ACK, 0);
        }
      }
      case Http2Upstream.PING -> {
        if (!frame.has(Http2Upstream.ACK)) {
          peer.frame(Http2Upstream.PING, Http2Upstream.ACK, 0, frame.payload());
        }
      }
      case Http2Upstream.WINDOW_UPDATE -> opened(frame.id(), frame.number());
      case Http2Upstream.GOAWAY -> throw new EOFException("the proxy goes away");
      case Http2Upstream.HEADERS -> {
        Http2Headers head = peer.headers(frame);
        if ("websocket".contentEquals(head.get(":protocol", ""))) {
          new Stream(frame.id(), head).start();
        } else {
          peer.reset(frame.id(), (int) Http2Error.REFUSED_STREAM.code());
        }
      }
      default -> {
        Stream stream = streams.get(frame.id());
        if (stream != null) {
          stream.incoming.add(frame);
          if (frame.type() == Http2Upstream.RST_STREAM) {
            // Whatever it waits for.
            stream.reset();
          }
        }
      }
    }
  }

  private synchronized void settings(ByteBuffer all) {
    while (all.hasRemaining()) {
      int id = all.getShort();
      int value = all.getInt();
      if (id == INITIAL_WINDOW_SIZE) {
        streams.values().forEach(stream -> stream.window += value - initialWindow);
        initialWindow = value;
      }
    }
    notifyAll();
  }

  private synchronized void opened(int id, int increment) {
    Stream stream = streams.get(id);
    if (id == 0) {
      connectionWindow += increment;
    } else if (stream != null) {
      stream.window += increment;
    }
    notifyAll();
  }

  /** Waits for as much of the windows as there is, and takes it. */
  private synchronized int take(Stream stream, int most) throws IOException {
    while (Math.min(connectionWindow, stream.window) <= 0) {
      if (over || stream.gone) {
        throw new EOFException("nobody takes it");
      }
      try {
        wait(100);
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }
    int size = (int) Math.min(most, Math.min(connectionWindow, stream.window));
    connectionWindow -= size;
    stream.window -= size;
    return size;
  }

  /** A WebSocket of the proxy, and its connection. */
  private final class Stream {
    final int id;
    final BlockingQueue<Frame> incoming = new LinkedBlockingQueue<>();
    private final Http2Headers request;
    private final Socket socket = new Socket();
    long window;
    volatile boolean gone;

    Stream(int id, Http2Headers request) {
      this.id = id;
      this.request = request;
    }

    void start() {
      synchronized (StreamBridge.this) {
        window = initialWindow;
        streams.put(id, this);
      }
      Thread.startVirtualThread(this::fromUpstream);
    }

    void reset() {
      gone = true;
      synchronized (StreamBridge.this) {
        StreamBridge.this.notifyAll();
      }
      try {
        socket.setSoLinger(true, 0);
        socket.close();
      } catch (IOException e) {
        // It was closed.
      }
    }

    private void fromUpstream() {
      try {
        socket.setTcpNoDelay(true);
        socket.connect(upstream);
        socket.getOutputStream().write(handshake().getBytes(ISO_8859_1));
        InputStream in = socket.getInputStream();
        HttpHead head = HttpHead.parse(readHead(in));
        boolean accepted = head.status() == 101;
        peer.headers(id, false, fields(head, accepted ? 200 : head.status()));
        Thread.startVirtualThread(this::toUpstream);
        byte[] bytes = new byte[FRAME];
        for (int size = in.read(bytes); size >= 0; size = in.read(bytes)) {
          send(bytes, size);
        }
        peer.data(id, "", true);
      } catch (IOException e) {
        broken();
      }
    }

    private void send(byte[] bytes, int length) throws IOException {
      for (int at = 0; at < length; ) {
        int size = take(this, length - at);
        peer.data(id, java.util.Arrays.copyOfRange(bytes, at, at + size), false);
        at += size;
      }
    }

    private void toUpstream() {
      try {
        while (true) {
          Frame frame = incoming.take();
          if (frame.type() == Http2Upstream.RST_STREAM) {
            return;
          }
          if (frame.type() == Http2Upstream.DATA && frame.payload().length > 0) {
            socket.getOutputStream().write(frame.payload());
            peer.window(0, frame.payload().length);
            peer.window(id, frame.payload().length);
          }
          if (frame.has(Http2Upstream.END_STREAM)) {
            socket.shutdownOutput();
            return;
          }
        }
      } catch (IOException e) {
        broken();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    /** The upstream has broken off, unless it was the proxy. */
    private void broken() {
      if (!gone) {
        reset();
        try {
          peer.reset(id, (int) Http2Error.CANCEL.code());
        } catch (IOException e) {
          // So has the proxy.
        }
      }
    }

    private String handshake() {
      StringBuilder text = new StringBuilder();
      text.append("GET ").append(request.path()).append(" HTTP/1.1\r\n");
      text.append("host: ").append(request.authority()).append("\r\n");
      text.append("upgrade: websocket\r\nconnection: upgrade\r\n");
      text.append("sec-websocket-key: ").append(RawClient.KEY).append("\r\n");
      for (Map.Entry<CharSequence, CharSequence> field : request) {
        if (field.getKey().charAt(0) != ':') {
          text.append(field.getKey()).append(": ").append(field.getValue()).append("\r\n");
        }
      }
      return text.append("\r\n").toString();
    }

    private static String readHead(InputStream in) throws IOException {
      ByteArrayOutputStream text = new ByteArrayOutputStream();
      while (!text.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
        int next = in.read();
        if (next < 0) {
          throw new EOFException("no head");
        }
        text.write(next);
      }
      return text.toString(ISO_8859_1);
    }

    private static String[] fields(HttpHead head, int status) {
      java.util.List<String> fields = new java.util.ArrayList<>();
      fields.add(":status");
      fields.add(String.valueOf(status));
      for (HttpHead.Field field : head.fields()) {
        String name = field.name().toLowerCase(java.util.Locale.ROOT);
        if (!NOT_OF_A_STREAM.contains(name)) {
          fields.add(name);
          fields.add(field.value());
        }
      }
      return fields.toArray(String[]::new);
    }
  }
}
