package dev.longshore.operator.source.cluster;

import dev.longshore.operator.source.ResourceRef;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows single Secrets and ConfigMaps by name, as long as something refers to them and no other
 * feed delivers them. Their number is bounded, also by namespace, so that nobody's manifests can
 * open watches without end or use up everybody else's.
 *
 * <p>Not thread-safe: called under the lock of the {@link ClusterView}.
 */
final class NamedFeeds {
  static final int MOST = 1024;
  static final int MOST_BY_NAMESPACE = 128;

  private static final Logger log = LoggerFactory.getLogger(NamedFeeds.class);

  private final Function<ResourceRef, Feed<?>> factory;
  private final Predicate<ResourceRef> deliveredByOthers;
  private final BiConsumer<Feed<?>, ResourceRef> forget;
  private final Map<ResourceRef, Feed<?>> feeds = new HashMap<>();
  private final Map<String, Integer> byNamespace = new HashMap<>();
  private final Set<ResourceRef> wanted = new HashSet<>();

  /**
   * @param factory makes the feed of one resource; it is started and closed here
   * @param deliveredByOthers whether a feed that follows more than one resource has it
   * @param forget hears of each feed that was closed: what it delivered doesn't count any more
   */
  NamedFeeds(
      Function<ResourceRef, Feed<?>> factory,
      Predicate<ResourceRef> deliveredByOthers,
      BiConsumer<Feed<?>, ResourceRef> forget) {
    this.factory = factory;
    this.deliveredByOthers = deliveredByOthers;
    this.forget = forget;
  }

  /**
   * Something refers to the resource from now on.
   *
   * @return completes when it was looked for, also in vain; is complete if nothing has to be waited
   *     for
   */
  CompletableFuture<Void> want(ResourceRef ref) {
    wanted.add(ref);
    return settle(ref);
  }

  /** Nothing refers to it any more. */
  void unwant(ResourceRef ref) {
    wanted.remove(ref);
    settle(ref);
  }

  /** Another feed delivers it now, or doesn't any more. */
  void deliveryChanged(ResourceRef ref) {
    settle(ref);
  }

  Iterable<Feed<?>> all() {
    return feeds.values();
  }

  void close() {
    wanted.clear();
    feeds.values().forEach(Feed::close);
    feeds.clear();
    byNamespace.clear();
  }

  private CompletableFuture<Void> settle(ResourceRef ref) {
    Feed<?> present = feeds.get(ref);
    if (!wanted.contains(ref) || deliveredByOthers.test(ref)) {
      if (present != null) {
        feeds.remove(ref);
        byNamespace.merge(ref.namespace(), -1, (a, b) -> a + b == 0 ? null : a + b);
        present.close();
        forget.accept(present, ref);
      }
      return CompletableFuture.completedFuture(null);
    }
    if (present != null) {
      return present.answered();
    }
    int others = byNamespace.getOrDefault(ref.namespace(), 0);
    if (feeds.size() >= MOST || others >= MOST_BY_NAMESPACE) {
      log.warn(
          "{} is not read: {} are followed by name already, {} of them in its namespace (at most {}"
              + " and {}); a Secret with the label longshore.dev/watch: \"true\" doesn't count",
          ref,
          feeds.size(),
          others,
          MOST,
          MOST_BY_NAMESPACE);
      return CompletableFuture.completedFuture(null);
    }
    Feed<?> feed = factory.apply(ref);
    feeds.put(ref, feed);
    byNamespace.merge(ref.namespace(), 1, Integer::sum);
    feed.start();
    return feed.answered();
  }
}
