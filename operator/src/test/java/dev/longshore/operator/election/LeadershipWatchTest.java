package dev.longshore.operator.election;

import dev.longshore.operator.testing.Clients;
import dev.longshore.operator.testing.Planted;
import dev.longshore.process.testing.Strikes;
import dev.longshore.process.testing.Watched;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The election goes on after whatever fails of it, and its end is told. */
@Timeout(120)
class LeadershipWatchTest {
  @Test
  @Strikes("leader-election")
  void itsThreadIsToldWhenItEndsOrHasNoMemory() throws Exception {
    Planted planted = new Planted();
    try (Watched watched = new Watched();
        Leadership leadership =
            new Leadership(
                Clients.of(
                    Map.of(
                        "leaderElector",
                        () -> {
                          planted.run();
                          throw new KubernetesClientException("nobody listens");
                        })),
                "longshore",
                "lease",
                "replica")) {
      leadership.watch(watched.watch().part("leader-election"));
      leadership.start();
      watched.fail("leader-election", planted::set);
      watched.exhaust("leader-election", planted::set);
      watched.end("leader-election", planted::set);
    }
  }
}
