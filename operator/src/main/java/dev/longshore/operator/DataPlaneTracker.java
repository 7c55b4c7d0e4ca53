package dev.longshore.operator;

import dev.longshore.api.v1alpha1.WebSocketRouteStatus.Address;
import dev.longshore.api.v1alpha1.WebSocketRouteStatus.AddressType;
import dev.longshore.operator.source.cluster.DataPlaneService;
import dev.longshore.operator.status.DataPlanes;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings together which data planes there should be (the ready pods of their Service) and what each
 * has (the push channel). Tells it on a thread of its own, and when much happens at once the latest
 * only.
 */
final class DataPlaneTracker implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DataPlaneTracker.class);
  private static final int MOST_ADDRESSES = 16;

  private final PushSide push;
  private final List<String> fixedAddresses;
  private final Consumer<DataPlanes> onChange;
  private final AtomicBoolean dirty = new AtomicBoolean();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().name("data-planes").daemon().factory());
  private volatile DataPlaneService.State service = new DataPlaneService.State(Set.of(), List.of());

  /**
   * @param fixedAddresses in place of the Service's; empty: those
   */
  DataPlaneTracker(PushSide push, List<String> fixedAddresses, Consumer<DataPlanes> onChange) {
    this.push = push;
    this.fixedAddresses = List.copyOf(fixedAddresses);
    this.onChange = onChange;
  }

  /** The Service or its pods are others. */
  void service(DataPlaneService.State now) {
    service = now;
    refresh();
  }

  /** Something may be another than before. */
  void refresh() {
    if (dirty.compareAndSet(false, true)) {
      try {
        thread.execute(this::settle);
      } catch (RejectedExecutionException e) {
        // close()
      }
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }

  private void settle() {
    dirty.set(false);
    try {
      DataPlaneService.State now = service;
      onChange.accept(
          new DataPlanes(
              now.pods(),
              push.applied(),
              push.rejected(),
              (fixedAddresses.isEmpty() ? now.addresses() : fixedAddresses)
                  .stream().limit(MOST_ADDRESSES).map(DataPlaneTracker::address).toList()));
    } catch (RuntimeException e) {
      // A bug, and no reason to stop: the next change may do.
      log.error("what data planes have could not be told", e);
    }
  }

  private static Address address(String text) {
    return new Address(isLiteral(text) ? AddressType.IP_ADDRESS : AddressType.HOSTNAME, text);
  }

  private static boolean isLiteral(String text) {
    try {
      InetAddress.ofLiteral(text);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
