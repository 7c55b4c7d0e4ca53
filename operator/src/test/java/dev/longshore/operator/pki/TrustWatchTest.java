package dev.longshore.operator.pki;

import dev.longshore.operator.testing.Clients;
import dev.longshore.operator.testing.Planted;
import dev.longshore.process.testing.Strikes;
import dev.longshore.process.testing.Watched;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What looks after certificates and keys is tried again, whatever fails. */
@Timeout(120)
class TrustWatchTest {
  @Test
  @Strikes("trust")
  void certificatesAreLookedAfterAgain() throws Exception {
    Planted planted = new Planted();
    AuthorityStore store =
        new AuthorityStore() {
          @Override
          public Stored read() {
            planted.run();
            throw new KubernetesClientException("nobody listens");
          }

          @Override
          public boolean write(Stored before, Authorities after) {
            return false;
          }

          @Override
          public void publish(String bundle) {}
        };
    try (Watched watched = new Watched();
        Trust trust = new Trust(store, List.of("push"), () -> false, Clock.systemUTC())) {
      trust.watch(watched.watch().part("trust"));
      trust.start();
      watched.fail("trust", planted::set);
      watched.exhaust("trust", planted::set);
    }
  }

  @Test
  @Strikes("master-key")
  void theKeyIsLookedAfterAgain() throws Exception {
    Planted planted = new Planted();
    try (Watched watched = new Watched();
        AffinityKeyKeeper keeper =
            new AffinityKeyKeeper(
                Clients.of(Map.of()),
                "longshore",
                () -> {
                  planted.run();
                  return false;
                })) {
      keeper.watch(watched.watch().part("master-key"));
      Consumer<Runnable> inside =
          task -> {
            planted.set(task);
            keeper.lead();
          };
      watched.fail("master-key", inside);
      watched.exhaust("master-key", inside);
    }
  }
}
