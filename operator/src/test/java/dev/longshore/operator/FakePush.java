package dev.longshore.operator;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.push.Origin;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.status.DataPlanes.Applied;
import dev.longshore.process.watch.Watch;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Data planes that acknowledge at once what is published, as far as they are told to. */
final class FakePush implements PushSide {
  final List<Published> published = new CopyOnWriteArrayList<>();
  final Set<String> answering = ConcurrentHashMap.newKeySet();
  final Map<ResourceRef, String> rejected = new ConcurrentHashMap<>();
  private final Map<String, Applied> applied = new ConcurrentHashMap<>();

  /** How many data planes there are, as they are told; 0: nothing yet. */
  volatile int fleet;

  private volatile Runnable onNews = () -> {};

  record Published(long sequence, RoutingSnapshot snapshot, Origin origin) {}

  /** What is published now. */
  RoutingSnapshot latest() {
    return published.isEmpty() ? RoutingSnapshot.EMPTY : published.getLast().snapshot();
  }

  @Override
  public void watch(Watch watch) {
    // It has no thread.
  }

  /** Lets data planes answer, also to what was published before. */
  void answer(String... nodes) {
    answering.addAll(List.of(nodes));
    if (!published.isEmpty()) {
      acknowledge(published.getLast());
    }
  }

  void news() {
    onNews.run();
  }

  @Override
  public void prepare() {}

  @Override
  public InetSocketAddress address() {
    return new InetSocketAddress(0);
  }

  @Override
  public void start(Runnable news) {
    onNews = news;
    news.run();
  }

  @Override
  public void publish(long sequence, RoutingSnapshot snapshot, Origin origin) {
    Published now = new Published(sequence, snapshot, origin);
    published.add(now);
    acknowledge(now);
  }

  private void acknowledge(Published now) {
    for (String node : answering) {
      applied.put(node, new Applied(now.snapshot().version(), now.sequence()));
    }
    onNews.run();
  }

  @Override
  public void fleet(int dataPlanes) {
    fleet = dataPlanes;
  }

  @Override
  public Map<String, Applied> applied() {
    return Map.copyOf(applied);
  }

  @Override
  public Map<ResourceRef, String> rejected() {
    return Map.copyOf(rejected);
  }

  @Override
  public List<String> missing() {
    return List.of();
  }

  @Override
  public void close() {}
}
