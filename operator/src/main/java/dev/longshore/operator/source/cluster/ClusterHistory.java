package dev.longshore.operator.source.cluster;

import dev.longshore.process.watch.Part;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices when the cluster's state was set back (etcd restored from a backup), which no watch
 * tells: one that asks for changes after a revision that doesn't exist yet waits in silence until
 * it does.
 *
 * <p>Every {@link #PERIOD} it reads the Lease by a list of one. The state was set back if the
 * resourceVersion of the list, which is the newest of the whole cluster, is lower than one that was
 * read before; and, because revisions soon catch up, if the Lease is an older one than before, or
 * another. Then everything has to be listed anew, and a new <em>epoch</em> begins, in which lower
 * resourceVersions are not older ones. (Deleting the Lease looks the same, and costs no more than
 * that.) The epoch is kept as an annotation of the Lease, so that all replicas, also later ones,
 * are in the same. A restore while no replica runs goes unnoticed, for the Lease is restored with
 * the rest and nothing is kept elsewhere; data planes then hold the new state for older, and take
 * it after their grace period.
 */
public final class ClusterHistory implements AutoCloseable {
  /** How often the newest resourceVersion is read. */
  public static final Duration PERIOD = Duration.ofSeconds(2);

  private static final Logger log = LoggerFactory.getLogger(ClusterHistory.class);
  private static final String ANNOTATION = "longshore.dev/epoch";

  private final KubernetesClient client;
  private final String namespace;
  private final String lease;
  private final LongSupplier delivered;
  private final Runnable onSetBack;
  private final Part part;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("cluster-history").daemon().factory());
  private volatile long epoch = 1;
  private long newest;
  private @Nullable Lease last;

  /**
   * @param delivered the newest resourceVersion that any list or watch has delivered
   * @param onSetBack has everything listed anew; called when the new epoch has begun
   * @param part of the watch; hears of what fails but for the API server
   */
  public ClusterHistory(
      KubernetesClient client,
      String namespace,
      String lease,
      LongSupplier delivered,
      Runnable onSetBack,
      Part part) {
    this.part = part;
    this.client = client;
    this.namespace = namespace;
    this.lease = lease;
    this.delivered = delivered;
    this.onSetBack = onSetBack;
  }

  /** Reads the epoch, and looks again every {@link #PERIOD}. */
  public void start() {
    timer.scheduleWithFixedDelay(this::look, 0, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** In which past we are; grows by one each time that the state is set back. */
  public long epoch() {
    return epoch;
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }

  private void look() {
    try {
      // Before the list: what has been delivered by then can't be newer than it.
      newest = Math.max(newest, delivered.getAsLong());
      LeaseList list =
          client
              .resources(Lease.class, LeaseList.class)
              .inNamespace(namespace)
              .withField("metadata.name", lease)
              .list();
      long now = Revisions.parse(list.getMetadata().getResourceVersion());
      Lease found = list.getItems().isEmpty() ? null : list.getItems().getFirst();
      long recorded = found == null ? 0 : recorded(found);
      epoch = Math.max(epoch, recorded);
      if (now < newest || isOlder(found)) {
        epoch++;
        log.warn(
            "the cluster's state was set back to resourceVersion {}: everything is listed anew, and"
                + " epoch {} begins",
            now,
            epoch);
        newest = now;
        onSetBack.run();
      }
      newest = Math.max(newest, now);
      last = found;
      if (found != null && recorded < epoch) {
        record(epoch);
      }
    } catch (KubernetesClientException e) {
      log.debug("the newest resourceVersion can't be read", e);
    } catch (RuntimeException | Error e) {
      part.fault("the newest resourceVersion can't be read", e);
    }
  }

  private boolean isOlder(@Nullable Lease found) {
    Lease before = last;
    return before != null
        && (found == null
            || !Objects.equals(before.getMetadata().getUid(), found.getMetadata().getUid())
            || Revisions.parse(found.getMetadata().getResourceVersion())
                < Revisions.parse(before.getMetadata().getResourceVersion()));
  }

  private static long recorded(Lease lease) {
    Map<String, String> annotations = lease.getMetadata().getAnnotations();
    return annotations == null ? 0 : Revisions.parse(annotations.get(ANNOTATION));
  }

  private void record(long now) {
    client
        .resources(Lease.class, LeaseList.class)
        .inNamespace(namespace)
        .withName(lease)
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"metadata\":{\"annotations\":{\"" + ANNOTATION + "\":\"" + now + "\"}}}");
  }
}
