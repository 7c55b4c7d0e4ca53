package dev.longshore.operator.lead;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaderElectionRecord;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;

/** The Lease, and when we last wrote it: from before the request, since nobody knows better. */
final class RenewalClock extends LeaseLock {
  private volatile long renewed = System.nanoTime() - Duration.ofDays(1).toNanos();

  RenewalClock(String namespace, String name, String identity) {
    super(namespace, name, identity);
  }

  Duration sinceRenewal() {
    return Duration.ofNanos(System.nanoTime() - renewed);
  }

  @Override
  public synchronized void create(KubernetesClient client, LeaderElectionRecord next) {
    long before = System.nanoTime();
    super.create(client, next);
    renewed = before;
  }

  @Override
  public synchronized void update(KubernetesClient client, LeaderElectionRecord next) {
    long before = System.nanoTime();
    super.update(client, next);
    renewed = before;
  }
}
