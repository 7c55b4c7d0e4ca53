package dev.longshore.operator;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;

/**
 * The ways to the API server.
 *
 * @param main for all but the election: retries for long
 * @param election gives up early, so that a Lease that can't be renewed is known to be lost in time
 */
record ClusterClients(KubernetesClient main, KubernetesClient election) implements AutoCloseable {
  /** Waits of a quarter of a second, which double up to 8 s: so long after an outage at most. */
  private static final int WATCH_RECONNECT_MILLIS = 250;

  private static final int ELECTION_TIMEOUT_MILLIS = 3000;

  static ClusterClients of(Config cluster) {
    return new ClusterClients(
        new KubernetesClientBuilder()
            .withConfig(
                new ConfigBuilder(cluster)
                    .withWatchReconnectInterval(WATCH_RECONNECT_MILLIS)
                    .build())
            .build(),
        new KubernetesClientBuilder()
            .withConfig(
                new ConfigBuilder(cluster)
                    .withRequestRetryBackoffLimit(0)
                    .withRequestTimeout(ELECTION_TIMEOUT_MILLIS)
                    .withConnectionTimeout(ELECTION_TIMEOUT_MILLIS)
                    .build())
            .build());
  }

  @Override
  public void close() {
    election.close();
    main.close();
  }
}
