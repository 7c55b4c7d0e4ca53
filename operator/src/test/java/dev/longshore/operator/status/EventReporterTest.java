package dev.longshore.operator.status;

import static org.awaitility.Awaitility.await;

import dev.longshore.contract.Certificate;
import dev.longshore.contract.Certificate.CertificateKey;
import dev.longshore.contract.PersistentMap;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.Secret;
import dev.longshore.contract.SnapshotBuilder;
import dev.longshore.operator.pki.TestAuthority;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.Translation;
import dev.longshore.testkube.KubeApiServer;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventReporterTest {
  private final KubeApiServer server = KubeApiServer.shared();
  private final String namespace = server.createNamespace("reporter");

  @Test
  void aCertificateThatEndsSoonIsNamedAgainWhenItsEventIsGone() throws Exception {
    try (EventWriter events =
        new EventWriter(server.admin(), "replica", new SimpleMeterRegistry())) {
      EventReporter reporter = new EventReporter(events, () -> true);
      reporter.judged(
          View.EMPTY,
          new Translation(
              SnapshotBuilder.from(RoutingSnapshot.EMPTY).put(anHour()).build(),
              PersistentMap.empty(),
              PersistentMap.empty(),
              PersistentMap.empty(),
              Duration.ZERO));
      Event first = awaitEvent();
      // As the API server does after an hour.
      server.admin().resource(first).delete();
      reporter.expiry();
      awaitEvent();
    }
  }

  private Certificate anHour() throws Exception {
    byte[] leaf = new TestAuthority().identity().chain().getFirst().getEncoded();
    return new Certificate(
        new CertificateKey(namespace, "soon"),
        List.of("localhost"),
        "-----BEGIN CERTIFICATE-----\n"
            + Base64.getMimeEncoder().encodeToString(leaf)
            + "\n-----END CERTIFICATE-----\n",
        new Secret("not looked at"));
  }

  private Event awaitEvent() {
    return await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> server.admin().resources(Event.class).inNamespace(namespace).list().getItems(),
            found -> found.stream().anyMatch(EventReporterTest::isExpected))
        .getFirst();
  }

  private static boolean isExpected(Event event) {
    return event.getReason().equals("CertificateExpiresSoon")
        && "soon".equals(event.getRegarding().getName());
  }
}
