package dev.longshore.operator.election;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaderElectionRecord;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;

/**
 * The Lease, and how old our last renewal of it is: counted from the time that was written into it,
 * because others count from there. The elector takes that time before it reads the Lease, and both
 * requests may take as long as their time-outs permit.
 */
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
    super.create(client, next);
    renewed(next);
  }

  @Override
  public synchronized void update(KubernetesClient client, LeaderElectionRecord next) {
    super.update(client, next);
    renewed(next);
  }

  private void renewed(LeaderElectionRecord written) {
    Duration age = Duration.between(written.getRenewTime(), ZonedDateTime.now(ZoneOffset.UTC));
    // A clock that was set back in between must not lengthen what was given.
    renewed = System.nanoTime() - (age.isNegative() ? Duration.ZERO : age).toNanos();
  }
}
