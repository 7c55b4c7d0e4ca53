package dev.longshore.proxy.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * An upstream that does to each connection what its script says, on a thread of its own. What a
 * script throws fails the test when the upstream is closed, unless the connection just ended.
 */
public final class RawUpstream implements AutoCloseable {

  private final ServerSocket server;
  private final Thread acceptor;

  /** What the proxy speaks HTTP/2 with, if it is to; its streams are connections here. */
  private volatile @Nullable Http2Upstream front;

  /** Holds the port of one that refuses. */
  private volatile @Nullable Socket held;

  private final Security security;
  private final Script script;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger accepted = new AtomicInteger();
  private final BlockingQueue<HttpHead> requests = new LinkedBlockingQueue<>();
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();

  /** What is done to one connection; it is closed afterwards. */
  @FunctionalInterface
  public interface Script {
    /** Plays the upstream's part. */
    void play(Conversation conversation) throws Exception;
  }

  /** A connection from the proxy. */
  public final class Conversation extends RawConnection {
    private final int number;

    /** Whether the last answer left the connection open, for a request that never came. */
    private boolean keptOpen;

    private Conversation(Socket socket, Socket transport, int number) throws IOException {
      super(socket, transport);
      this.number = number;
    }

    /** Of the handshake that was read last. */
    private String accept = RawClient.ACCEPT;

    /** 1 for the first connection, and so on. */
    public int number() {
      return number;
    }

    /** Reads a request head and keeps it for {@link RawUpstream#request()}. */
    public HttpHead readRequest() {
      HttpHead head = readHead();
      requests.add(head);
      return head;
    }

    @Override
    public HttpHead readHead() {
      HttpHead head = super.readHead();
      keptOpen = false;
      String key = head.first("sec-websocket-key");
      accept = key == null ? RawClient.ACCEPT : RawClient.accept(key);
      return head;
    }

    /**
     * Sends text as it is, but for {@link RawClient#ACCEPT}: instead of that the answer to the key
     * that came, which over HTTP/2 is none of the client's.
     */
    @Override
    public RawConnection send(String text) {
      return super.send(text.replace(RawClient.ACCEPT, accept));
    }

    @Override
    public String readToEnd() {
      String rest = super.readToEnd();
      keptOpen = false;
      return rest;
    }

    /** Reads a handshake and accepts it, with further header lines, each with CRLF. */
    public HttpHead acceptWebSocket(String... lines) {
      HttpHead head = readRequest();
      switchProtocols(lines);
      return head;
    }

    /** Accepts a handshake that was read, with further header lines, each with CRLF. */
    public void switchProtocols(String... lines) {
      send(
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              + "Sec-WebSocket-Accept: "
              + RawClient.ACCEPT
              + "\r\n"
              + String.join("", lines)
              + "\r\n");
    }

    /** Sends back every byte until the other side ends. */
    public void echo() {
      try {
        socket().getInputStream().transferTo(socket().getOutputStream());
        shutdownOutput();
      } catch (IOException e) {
        // The end of an echo.
      }
    }

    /** Answers 200 with a body of known length; another request may follow. */
    public void answer(String body) {
      keptOpen = true;
      answer(body, "");
    }

    /** Answers 200 with a body of known length, and says that the connection ends with it. */
    public void lastAnswer(String body) {
      answer(body, "Connection: close\r\n");
    }

    private void answer(String body, String lines) {
      send("HTTP/1.1 200 OK\r\n" + lines + "Content-Length: " + body.length() + "\r\n\r\n" + body);
    }

    /** Ends a connection that an answer had left open: what the test is about. */
    public void endUnannounced() {
      keptOpen = false;
    }

    /**
     * A script that answers once and returns ends a connection that the proxy may just have given
     * to the next request: whether that fails is a matter of microseconds.
     */
    private void assertEndWasAnnounced() {
      if (keptOpen) {
        throw new AssertionError("the last answer of a script is lastAnswer()");
      }
    }
  }

  private RawUpstream(Security security, Script script) throws IOException {
    this.security = security;
    this.script = script;
    this.server = new ServerSocket();
    server.setOption(StandardSocketOptions.SO_REUSEPORT, true);
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 128);
    acceptor = Thread.ofVirtual().start(this::accept);
  }

  /** What is spoken over an accepted connection. */
  @FunctionalInterface
  private interface Security {
    Socket over(Socket accepted) throws IOException;
  }

  /** Listens on a free loopback port. */
  public static RawUpstream start(Script script) {
    return start(accepted -> accepted, script);
  }

  /** Listens for TLS, and may insist on a certificate of the client. */
  public static RawUpstream secured(SSLContext context, boolean clientAuth, Script script) {
    return start(
        accepted -> {
          SSLSocket socket =
              (SSLSocket) context.getSocketFactory().createSocket(accepted, null, 0, true);
          socket.setUseClientMode(false);
          socket.setNeedClientAuth(clientAuth);
          socket.startHandshake();
          return socket;
        },
        script);
  }

  /** Listens for HTTP/2, and does to each WebSocket what the script says. */
  public static RawUpstream streamed(Script script) {
    RawUpstream upstream = start(script);
    upstream.front = StreamBridge.before(upstream.own());
    return upstream;
  }

  private static RawUpstream start(Security security, Script script) {
    try {
      return new RawUpstream(security, script);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Answers every request on every connection with 200 and {@code body}. */
  public static RawUpstream answering(String body) {
    return start(answer(body));
  }

  /** Answers every request on a connection with 200 and {@code body}. */
  public static Script answer(String body) {
    return conversation -> {
      while (true) {
        HttpHead head = conversation.readRequest();
        conversation.readBody(bodyless(head) ? NO_BODY : head);
        conversation.answer(body);
      }
    };
  }

  /** Accepts every WebSocket handshake and echoes bytes. */
  public static RawUpstream echoing() {
    return start(ECHO);
  }

  /** Accepts every WebSocket handshake and echoes bytes. */
  public static final Script ECHO =
      conversation -> {
        conversation.acceptWebSocket();
        conversation.echo();
      };

  private static final HttpHead NO_BODY = HttpHead.parse("\r\nContent-Length: 0\r\n\r\n");

  private static boolean bodyless(HttpHead head) {
    return !head.has("content-length") && !head.has("transfer-encoding");
  }

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
    try (socket;
        Conversation conversation = new Conversation(security.over(socket), socket, number)) {
      script.play(conversation);
      conversation.assertEndWasAnnounced();
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
    Http2Upstream streams = front;
    return streams == null ? own() : streams.address();
  }

  private InetSocketAddress own() {
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

  /** The next request head that a script has read; waits for it. */
  public HttpHead request() throws InterruptedException {
    HttpHead head = requests.poll(60, TimeUnit.SECONDS);
    if (head == null) {
      throw new AssertionError("the upstream got no request; its scripts failed with " + failures);
    }
    return head;
  }

  /** Whether a request head was read that nobody has taken yet. */
  public boolean gotRequest() {
    return !requests.isEmpty();
  }

  /**
   * Refuses connections from now on, and ends those that are open. The port stays its own until
   * {@link #close}: another test's upstream would else get it, and answer in its place.
   */
  public void refuse() {
    try {
      Socket bound = new Socket();
      bound.setOption(StandardSocketOptions.SO_REUSEPORT, true);
      bound.bind(own());
      held = bound;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    end();
  }

  @Override
  public void close() {
    Http2Upstream streams = front;
    if (streams != null) {
      streams.close();
    }
    end();
    Socket bound = held;
    if (bound != null) {
      try {
        bound.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void end() {
    try {
      server.close();
      // Until it has noticed, the port still takes connections: one that came meanwhile would be
      // served by an upstream that is closed.
      acceptor.join();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
    if (!failures.isEmpty()) {
      throw new AssertionError("the upstream's script failed", failures.getFirst());
    }
  }
}
