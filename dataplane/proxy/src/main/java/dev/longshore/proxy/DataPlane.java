package dev.longshore.proxy;

import dev.longshore.contract.RoutingSnapshot;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The running proxy: listeners, routing, tunnels and the admin servers behind one door. All methods
 * may be called from any thread except an event loop.
 */
public final class DataPlane implements AutoCloseable {
  private final DataPlaneOptions options;

  /** Prepares a data plane; nothing is bound before {@link #start()}. */
  public DataPlane(DataPlaneOptions options) {
    this.options = options;
  }

  /**
   * Binds every address and serves. Until a snapshot is applied readiness fails and requests get
   * 503.
   *
   * @throws IOException if an address can't be bound or the transport is not there; the message
   *     says which and why, and nothing stays bound
   */
  public void start() throws IOException {
    throw new IOException("cannot listen on " + options.http() + ": no listener yet");
  }

  /**
   * Replaces the routing. Open tunnels and running requests go on under the rule that admitted
   * them.
   *
   * @return what is wrong with the snapshot, each error naming its entry; empty: it is applied. A
   *     snapshot with an error is rejected whole, and the old one stays
   */
  public List<String> apply(RoutingSnapshot snapshot) {
    return List.of("cannot apply " + snapshot.version().brief());
  }

  /** Addresses of the HTTP listeners in the order of the options, with the ports picked. */
  public List<InetSocketAddress> boundHttp() {
    return options.http();
  }

  /** Address of the metrics server, with the port picked. */
  public InetSocketAddress boundMetrics() {
    return options.metrics();
  }

  /** Address of the admin server, with the port picked. */
  public InetSocketAddress boundAdmin() {
    return options.admin();
  }

  /**
   * Goes away politely, as {@code Settings.processDrain} says: readiness fails, after the delay the
   * listeners stop, requests finish, tunnels are closed spread over the window, and at the deadline
   * whatever is left is cut. A second call hurries: no delay, no window.
   *
   * @return completes when nothing is open any more; the same future for every call
   */
  public CompletableFuture<Void> shutdown() {
    return CompletableFuture.completedFuture(null);
  }

  /** Ends at once, cutting what is open, and waits until nothing runs any more. */
  @Override
  public void close() {}
}
