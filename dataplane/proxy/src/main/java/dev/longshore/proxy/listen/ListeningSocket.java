package dev.longshore.proxy.listen;

import dev.longshore.contract.Listener;
import dev.longshore.proxy.http.ClientListener;
import dev.longshore.proxy.observe.Endpoints;
import dev.longshore.proxy.tls.TlsTerms;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One listener: where connections are accepted, whether they are just now, and why not. What
 * clients ask of it any thread may; the rest is guarded by {@link Listeners}.
 */
final class ListeningSocket implements ClientListener {
  private static final Logger LOG = LoggerFactory.getLogger(ListeningSocket.class);

  private final @Nullable String name;
  private final InetSocketAddress address;
  private final ListenerSecurity security;
  private volatile ListenerTerms terms;
  private volatile boolean removed;
  private @Nullable Reservation reservation;
  private @Nullable Channel channel;
  private @Nullable String trouble;

  /** Who accepts its connections. */
  interface Binder {
    /** Listens there for connections of a listener. Waits for it. */
    ChannelFuture bind(InetSocketAddress address, ListeningSocket listener);

    /** Ends connections that came by a listener which is gone, with what they are at. */
    void drain(ListeningSocket listener);
  }

  private ListeningSocket(
      @Nullable String name,
      InetSocketAddress address,
      ListenerSecurity security,
      ListenerTerms terms) {
    this.name = name;
    this.address = address;
    this.security = security;
    this.terms = terms;
  }

  /** One whose address is taken already; what it finds there is for the settings to say. */
  static ListeningSocket reserved(Reservation reservation, ListenerSecurity security) {
    ListeningSocket socket =
        new ListeningSocket(null, reservation.address(), security, ListenerTerms.OF_SETTINGS);
    socket.reservation = reservation;
    return socket;
  }

  /** One of the table. */
  static ListeningSocket named(
      String name, InetSocketAddress address, ListenerSecurity security, ListenerTerms terms) {
    return new ListeningSocket(name, address, security, terms);
  }

  /**
   * Accepts connections from now on, if it doesn't already and can. What hinders it is in the log,
   * once.
   */
  void open(Binder binder) {
    if (channel != null || removed) {
      return;
    }
    String hindrance = bind(binder);
    if (hindrance == null) {
      if (name != null || trouble != null) {
        LOG.info("{}connections are taken at {}", prefix(), url());
      }
    } else if (!hindrance.equals(trouble)) {
      LOG.error("{}; tried again every second", hindrance);
    }
    trouble = hindrance;
  }

  /** Null: it is bound. */
  private @Nullable String bind(Binder binder) {
    try {
      // Linux lets the listener beside the reservation, so that nobody else gets the port between
      // the two; others have to be given it back first.
      ChannelFuture binding = binder.bind(address, this);
      if (reservation != null) {
        release();
        if (!binding.isSuccess()) {
          binding = binder.bind(address, this);
        }
      }
      if (binding.isSuccess()) {
        channel = binding.channel();
        return null;
      }
      return hindrance(binding.cause());
    } catch (RuntimeException e) {
      return hindrance(e);
    }
  }

  private String hindrance(Throwable cause) {
    String why = Reservation.hindrance(address, cause);
    return prefix()
        + (address.getPort() < Listener.FIRST_UNPRIVILEGED
            ? why
                + " (a port below 1024 takes CAP_NET_BIND_SERVICE, or a lower"
                + " net.ipv4.ip_unprivileged_port_start)"
            : why);
  }

  private String prefix() {
    return name == null ? "" : "listener " + name + ": ";
  }

  /** Why it is not open, though it was tried; null: it is, or has not been tried. */
  @Nullable String trouble() {
    return trouble;
  }

  boolean isOpen() {
    return channel != null;
  }

  InetSocketAddress address() {
    return address;
  }

  ListenerSecurity security() {
    return security;
  }

  ListenerTerms terms() {
    return terms;
  }

  /** Other terms for connections that come from now on. */
  void terms(ListenerTerms newer) {
    terms = newer;
  }

  /** {@code http://*:8080}. */
  String url() {
    return Endpoints.url(security == ListenerSecurity.TLS ? "https" : "http", address);
  }

  /**
   * Accepts no more, as it is wanted no more; connections that came by it end with what they are
   * at, and tunnels go on. Returns when the port is free.
   */
  void remove(Binder binder) {
    removed = true;
    if (channel != null) {
      close();
      binder.drain(this);
      LOG.info("{}no more connections are taken at {}; open tunnels go on", prefix(), url());
    }
  }

  /** Accepts no more. Returns when the port is free. */
  void close() {
    release();
    Channel open = channel;
    channel = null;
    if (open != null) {
      open.close().awaitUninterruptibly();
    }
  }

  private void release() {
    Reservation held = reservation;
    reservation = null;
    if (held != null) {
      try {
        held.close();
      } catch (IOException e) {
        LOG.warn("a socket that was bound to {} can't be closed", address, e);
      }
    }
  }

  // ---- for the connections that came by it

  @Override
  public TlsTerms tls() {
    return terms.tls();
  }

  @Override
  public boolean serves(String host) {
    return terms.tls().names().has(host);
  }

  @Override
  public boolean isRemoved() {
    return removed;
  }
}
