package dev.longshore.proxy.listen;

import dev.longshore.contract.Listener;
import dev.longshore.contract.PersistentMap;
import dev.longshore.proxy.http.LoopContext;
import dev.longshore.proxy.limit.Connections;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listeners of HTTP, in the clear and over TLS: those of a data plane's flags, and beside them
 * those of the table, which come and go with it. The addresses of the flags are taken when this is
 * started, and connections once there is a table to serve them with. A listener that can't be
 * opened is tried again every second, and keeps no other from it. Accepted connections are spread
 * over all event loops in turn. Thread-safe; never called on an event loop.
 */
public final class Listeners {
  private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

  private final Executor inASecond = CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS);
  private final Connections connections;
  private final List<ListeningSocket> fixed = new ArrayList<>();

  /** By name. */
  private final Map<String, ListeningSocket> named = new HashMap<>();

  private PersistentMap<String, Listener> followed = PersistentMap.empty();
  private @Nullable Acceptor acceptor;
  private boolean begun;
  private boolean retrying;
  private boolean closed;

  /**
   * None yet.
   *
   * @param connections lets in what is accepted, of all listeners together
   */
  public Listeners(Connections connections) {
    this.connections = connections;
  }

  /**
   * Takes the addresses of the flags; until {@link #follow} whoever connects is refused. Once.
   *
   * @param contexts what connections are served with, by event loop
   * @throws IOException if one can't be bound: the message names it, and none stays bound
   */
  public synchronized void start(
      List<InetSocketAddress> http,
      List<InetSocketAddress> https,
      SocketTransport transport,
      EventLoopGroup loops,
      Map<EventLoop, LoopContext> contexts)
      throws IOException {
    acceptor = new Acceptor(transport, loops, contexts, connections);
    try {
      for (InetSocketAddress address : http) {
        fixed.add(ListeningSocket.reserved(Reservation.of(address), ListenerSecurity.NONE));
      }
      for (InetSocketAddress address : https) {
        fixed.add(ListeningSocket.reserved(Reservation.of(address), ListenerSecurity.TLS));
      }
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  /**
   * Has exactly these listeners beside those of the flags: ports that went are free when it
   * returns, others listen, as far as they can be bound. Nothing happens before {@link #start}, or
   * when it is closed. Cost: proportional to what differs.
   */
  public synchronized void follow(PersistentMap<String, Listener> wanted) {
    Acceptor present = acceptor;
    if (closed || present == null) {
      return;
    }
    begun = true;
    List<ListeningSocket> gone = new ArrayList<>();
    List<Listener> changed = new ArrayList<>();
    followed.diff(wanted, (name, older, newer) -> change(name, newer, gone, changed));
    followed = wanted;
    // First of all: one that comes may want the port of one that goes.
    gone.forEach(socket -> socket.remove(present));
    changed.forEach(listener -> named.put(listener.name(), socket(listener)));
    boolean before = areOpen();
    open(present);
    if (!before && areOpen()) {
      LOG.info("connections are taken at {}", urls());
    }
  }

  private void change(
      String name, @Nullable Listener newer, List<ListeningSocket> gone, List<Listener> changed) {
    ListeningSocket socket = named.get(name);
    if (newer != null
        && socket != null
        && socket.address().equals(address(newer))
        && socket.security() == security(newer)) {
      socket.terms(ListenerTerms.of(newer));
      return;
    }
    if (socket != null) {
      named.remove(name);
      gone.add(socket);
    }
    if (newer != null) {
      changed.add(newer);
    }
  }

  private static ListeningSocket socket(Listener listener) {
    return ListeningSocket.named(
        listener.name(), address(listener), security(listener), ListenerTerms.of(listener));
  }

  private static InetSocketAddress address(Listener listener) {
    return listener.address() == null
        ? new InetSocketAddress(listener.port())
        : new InetSocketAddress(InetAddress.ofLiteral(listener.address()), listener.port());
  }

  private static ListenerSecurity security(Listener listener) {
    return switch (listener.protocol()) {
      case HTTP -> ListenerSecurity.NONE;
      case HTTPS -> ListenerSecurity.TLS;
    };
  }

  private void open(Acceptor present) {
    try {
      all().forEach(socket -> socket.open(present));
    } finally {
      if (!retrying && all().anyMatch(socket -> !socket.isOpen())) {
        retrying = true;
        inASecond.execute(this::retry);
      }
    }
  }

  /** One attempt a second, however many changes come meanwhile. */
  private synchronized void retry() {
    retrying = false;
    Acceptor present = acceptor;
    if (closed || present == null) {
      return;
    }
    try {
      open(present);
    } catch (RuntimeException | Error e) {
      // A timer keeps it to itself.
      LOG.warn("listeners can't be opened, which is tried again", e);
    }
  }

  private Stream<ListeningSocket> all() {
    return Stream.concat(fixed.stream(), named.values().stream());
  }

  /** Whether those of the flags accept connections. */
  public synchronized boolean areOpen() {
    return begun && fixed.stream().allMatch(ListeningSocket::isOpen);
  }

  /** How many accept connections, of flags and table. */
  public synchronized int open() {
    return (int) all().filter(ListeningSocket::isOpen).count();
  }

  /** Why others don't, each by its name or address; sorted. */
  public synchronized List<String> troubles() {
    return all().map(ListeningSocket::trouble).filter(Objects::nonNull).sorted().toList();
  }

  /** Where they listen in the clear, in the order of the flags, with the ports picked. */
  public List<InetSocketAddress> http() {
    return fixed(ListenerSecurity.NONE);
  }

  /** Where they listen for TLS, likewise. */
  public List<InetSocketAddress> https() {
    return fixed(ListenerSecurity.TLS);
  }

  /** Where those of the flags listen: {@code http://*:8080, https://*:8443}. */
  public synchronized String urls() {
    return fixed.stream().map(ListeningSocket::url).collect(Collectors.joining(", "));
  }

  private synchronized List<InetSocketAddress> fixed(ListenerSecurity security) {
    return fixed.stream()
        .filter(socket -> socket.security() == security)
        .map(ListeningSocket::address)
        .toList();
  }

  /** Where those of the table listen, or would; in no particular order. */
  public synchronized List<InetSocketAddress> ofTable() {
    return named.values().stream().map(ListeningSocket::address).toList();
  }

  /** Accepts no more. Returns when the ports are free. */
  public synchronized void close() {
    closed = true;
    all().forEach(ListeningSocket::close);
  }
}
