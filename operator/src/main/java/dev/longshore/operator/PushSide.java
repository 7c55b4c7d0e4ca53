package dev.longshore.operator;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.push.Origin;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.status.DataPlanes.Applied;
import dev.longshore.process.watch.Watch;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;

/** What the operator needs of the push channel. Thread-safe. */
interface PushSide extends AutoCloseable {
  /** Has its threads watched. */
  void watch(Watch watch);

  /** Gets what it proves itself by; returns at once. */
  void prepare();

  /**
   * Serves data planes.
   *
   * @param onNews called when one of the answers below may be another
   * @throws IOException if it can't listen
   */
  void start(Runnable onNews) throws IOException;

  /** Where data planes are served, once they are. */
  InetSocketAddress address();

  /**
   * A snapshot that means something else than the one before.
   *
   * @param sequence 1 for the first, and rising
   * @param origin what was known of the cluster when it was built
   */
  void publish(long sequence, RoutingSnapshot snapshot, Origin origin);

  /**
   * So many data planes share what is limited over all of them, and are told so.
   *
   * @param dataPlanes 1 or more; the same again is no news
   */
  void fleet(int dataPlanes);

  /** What each connected data plane serves, by its name. */
  Map<String, Applied> applied();

  /** What data planes refuse or can't serve, by the resource that it is of, with the reason. */
  Map<ResourceRef, String> rejected();

  /** What keeps it from serving; empty: nothing. */
  List<String> missing();

  @Override
  void close();
}
