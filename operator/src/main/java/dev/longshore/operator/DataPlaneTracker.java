package dev.longshore.operator;

import dev.longshore.api.v1alpha1.WebSocketRouteStatus.Address;
import dev.longshore.api.v1alpha1.WebSocketRouteStatus.AddressType;
import dev.longshore.operator.source.cluster.DataPlaneService;
import dev.longshore.operator.status.DataPlanes;
import dev.longshore.operator.status.DataPlanes.Applied;
import dev.longshore.process.watch.Part;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Brings together which data planes there should be (the ready pods of their Service) and what each
 * has (the push channel). Tells it on a thread of its own, and when much happens at once the latest
 * only. Tells data planes how many of them there are, too.
 */
final class DataPlaneTracker implements AutoCloseable {
  private static final int MOST_ADDRESSES = 16;

  private final PushSide push;
  private final List<String> fixedAddresses;
  private final Consumer<DataPlanes> onChange;
  private final AtomicBoolean dirty = new AtomicBoolean();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().name("data-planes").daemon().factory());
  private volatile Part part = Part.unwatched("data-planes");
  private volatile boolean listed;
  private volatile DataPlaneService.State service = DataPlaneService.State.NONE;

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

  /** What the Service has is known from now on; before that it may only not have been read. */
  void listed() {
    listed = true;
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

  /** Has it told if its thread doesn't get round to what it is asked, and of what fails. */
  void watch(Part watched) {
    part = watched;
    watched.beats(thread);
  }

  @Override
  public void close() {
    part.over();
    thread.shutdownNow();
  }

  private void settle() {
    dirty.set(false);
    if (!listed) {
      return; // else a new leader would first take back what data planes there are, and where
    }
    try {
      DataPlaneService.State now = service;
      Map<String, Applied> connected = push.applied();
      push.fleet(fleet(now.pods().size(), connected.size()));
      onChange.accept(
          new DataPlanes(
              now.pods(),
              connected,
              push.rejected(),
              (fixedAddresses.isEmpty() ? now.addresses() : fixedAddresses)
                  .stream().limit(MOST_ADDRESSES).map(DataPlaneTracker::address).toList()));
    } catch (RuntimeException | Error e) {
      // A bug, and no reason to stop: the next change may do.
      part.fault("what data planes have could not be told", e);
    }
  }

  /**
   * How many share what is limited over all of them: those that are ready, though others may have a
   * channel. One that goes away takes no new connections, and its clients come to the others, which
   * have to have room for them. Where the Service knows of none, be it that nobody is ready or that
   * it is not the one that clients use, it is those that are connected.
   */
  private static int fleet(int ready, int connected) {
    return ready > 0 ? ready : Math.max(1, connected);
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
