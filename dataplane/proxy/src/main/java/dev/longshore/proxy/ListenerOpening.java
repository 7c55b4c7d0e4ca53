package dev.longshore.proxy;

import dev.longshore.proxy.limit.Connections;
import dev.longshore.proxy.listen.Listeners;
import dev.longshore.proxy.observe.Endpoints;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the listeners, once there is something to serve; what hinders it is in the log, and it is
 * tried again until it succeeds. Thread-safe.
 */
final class ListenerOpening {
  private static final Logger LOG = LoggerFactory.getLogger(ListenerOpening.class);

  private final Listeners listeners;
  private final EventLoops loops;
  private final Connections connections;
  private volatile boolean open;
  private volatile boolean over;
  private boolean failing;

  ListenerOpening(Listeners listeners, EventLoops loops, Connections connections) {
    this.listeners = listeners;
    this.loops = loops;
    this.connections = connections;
  }

  /** Whether connections are, or were, taken. */
  boolean isOpen() {
    return open;
  }

  /** Opens them, unless they are open or shall be no more. */
  synchronized void open() {
    if (open || over) {
      return;
    }
    try {
      listeners.open(loops.group(), loops.contexts(), connections);
      open = true;
      LOG.info("connections are taken at {}", addresses(listeners));
    } catch (IOException e) {
      if (!failing) {
        failing = true;
        LOG.error("{}; tried again every second", e.getMessage());
        openLater();
      }
    }
  }

  /** One attempt a second, however many changes come meanwhile. */
  private void openLater() {
    CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS)
        .execute(
            () -> {
              open();
              if (!open && !over) {
                openLater();
              }
            });
  }

  /** They are not opened from now on. */
  synchronized void end() {
    over = true;
  }

  /** {@code http://0.0.0.0:8080, https://0.0.0.0:8443}. */
  static String addresses(Listeners listeners) {
    return Stream.concat(
            listeners.http().stream().map(address -> Endpoints.url("http", address)),
            listeners.https().stream().map(address -> Endpoints.url("https", address)))
        .collect(Collectors.joining(", "));
  }
}
