package dev.longshore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.api.v1alpha1.Condition;
import dev.longshore.operator.Operator;
import dev.longshore.proxy.DataPlane;
import dev.longshore.testkube.EtcdSnapshot;
import dev.longshore.testkube.KubeApiServer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * What happens to the API server while clients use 1,000 routes: none of them notices.
 *
 * <p>The operator's side of these faults by itself: its {@code FaultsTest} (outages, restored
 * states, a newer CRD, CRDs that come late). Events that come twice or out of order: {@code
 * RepeatedEventsTest}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ApiServerFaultsTest {
  private static final int ROUTES = 1000;
  private static final int SERVICES = 200;

  /** The first and the last of a list, and some between. */
  private static final List<String> USED = List.of("r0", "r123", "r499", "r511", "r77", "r999");

  private final KubeApiServer server = KubeApiServer.start();
  private final Stage stage;
  private final Relay relay;
  private final DataPlane dataPlane;
  private final int port;

  /** How many bytes of answers it takes the operator to read the cluster. */
  private final long everything;

  private Operator operator;
  private Traffic traffic;

  ApiServerFaultsTest(@TempDir Path folder) throws Exception {
    stage = new Stage(server, folder);
    relay = new Relay(server.url().getPort());
    stage.create(IntStream.range(0, SERVICES).mapToObj(i -> stage.service("s" + i)).toList());
    stage.create(
        IntStream.range(0, ROUTES)
            .mapToObj(i -> stage.route("r" + i, "s" + i % SERVICES))
            .toList());
    stage.dataPlanes("node-1");
    operator = stage.operator("first", relay.port(), 0);
    int push = Stage.port(operator);
    everything = relay.carried();
    dataPlane = stage.dataPlane("node-1", push);
    port = Stage.port(dataPlane);
    stage.awaitStatus(port, "r999", "/", 200);
    traffic = new Traffic(port, List.of());
  }

  @BeforeEach
  void use() throws Exception {
    traffic = new Traffic(port, USED.stream().map(stage::host).toList());
  }

  @AfterEach
  void unuse() throws Exception {
    traffic.close();
  }

  @AfterAll
  void close() throws Exception {
    stage.close();
    relay.close();
    server.close();
  }

  @Test
  void killedInTheMiddleOfTheListsAfterItsWatchesExpired() throws Exception {
    for (int part : new int[] {3, 7}) {
      relay.cutAfter(everything * part / 10);
      // After a restart, watches from before the last write are told that they expired, and lists
      // are made anew. That write is of something that no watch has seen.
      stage.apply(stage.configMap("unrelated-" + part));
      server.restart();
      relay.untilCut();
      server.kill();
      traffic.goesOn();
      server.restart();
      relay.open();
      String late = "late-" + part;
      // Not before all of these are followed again.
      stage.apply(stage.service(late));
      stage.apply(stage.route(late, late));
      stage.awaitStatus(port, late, "/", 200);
      stage.awaitProgrammed(late);
      traffic.goesOn();
    }
    assertThat(unserved()).isEmpty();
  }

  @Test
  void killedInTheMiddleOfTheFirstListsOfANewOperator() throws Exception {
    int push = operator.pushAddress().getPort();
    stage.end(operator);
    stage.apply(stage.route("gone", "s1"));
    traffic.goesOn();
    relay.cutAfter(everything / 4);
    operator = stage.operator("second", relay.port(), push);
    relay.untilCut();
    assertThat(operator.missing()).as("nothing is published by half a list").isNotEmpty();
    server.kill();
    traffic.goesOn();
    server.restart();
    assertThat(operator.missing()).isNotEmpty();
    relay.open();
    stage.awaitStatus(port, "gone", "/", 200);
    traffic.goesOn();
    assertThat(unserved()).isEmpty();
  }

  /** What goes while the operator is cut off is in no event that it can still get. */
  @Test
  void watchesThatExpiredAreMadeAnew() throws Exception {
    stage.apply(stage.route("going", "s1"));
    stage.apply(stage.route("changing", "s1", "/old"));
    stage.awaitStatus(port, "going", "/", 200);
    stage.awaitStatus(port, "changing", "/old", 200);
    String version = stage.version("changing");
    relay.cutAfter(0);
    stage.delete("going");
    stage.apply(stage.route("changing", "s1", "/new"));
    stage.apply(stage.route("coming", "s1"));
    server.restart();
    assertThat(
            server
                .admin()
                .raw(
                    "/apis/longshore.dev/v1alpha1/websocketroutes?watch=true&timeoutSeconds=1"
                        + "&resourceVersion="
                        + version))
        .as("the watch that the operator asks for next")
        .contains("\"code\":410");
    traffic.goesOn();
    relay.open();
    stage.awaitStatus(port, "coming", "/", 200);
    stage.awaitStatus(port, "changing", "/new", 200);
    stage.awaitStatus(port, "changing", "/old", 404);
    stage.awaitStatus(port, "going", "/", 404);
    traffic.goesOn();
    assertThat(unserved()).isEmpty();
  }

  @Test
  void oneBadResourceAmongAThousand() throws Exception {
    for (String bad : List.of("/(unclosed", "/[z-a]")) {
      stage.apply(stage.route("bad", "s1", bad).replace("pathType: Prefix", "pathType: Regex"));
      Condition accepted =
          stage.awaitCondition("bad", "Accepted", condition -> "False".equals(condition.status()));
      assertThat(accepted.message()).contains("spec.locations[0].path");
      traffic.goesOn();
    }
    // What comes later isn't held up.
    stage.apply(stage.route("after-bad", "s1"));
    stage.awaitStatus(port, "after-bad", "/", 200);
    stage.apply(stage.route("bad", "s1"));
    stage.awaitStatus(port, "bad", "/", 200);
    stage.awaitProgrammed("bad");
    traffic.goesOn();
    assertThat(unserved()).isEmpty();
  }

  @Test
  void anOlderStateIsServedWhenEtcdWasRestored() throws Exception {
    stage.apply(stage.route("older", "s1"));
    stage.awaitProgrammed("older");
    EtcdSnapshot backup = server.snapshot();
    stage.apply(stage.route("newer", "s1"));
    stage.awaitProgrammed("newer");
    stage.delete("older");
    stage.awaitStatus(port, "older", "/", 404);
    try (RawTunnel tunnel = new RawTunnel(port, stage.host("newer"))) {
      server.restore(backup);
      stage.awaitStatus(port, "older", "/", 200);
      stage.awaitStatus(port, "newer", "/", 404);
      assertThat(tunnel.echo("still there")).isEqualTo("still there");
    }
    assertThat(Stage.page(dataPlane.boundMetrics(), "/metrics"))
        .as("taken because it is right, not because nothing newer came")
        .contains("longshore_config_stale_taken_total 0.0");
    stage.apply(stage.route("next", "s1"));
    stage.awaitStatus(port, "next", "/", 200);
    traffic.goesOn();
    assertThat(unserved()).isEmpty();
  }

  private List<String> unserved() {
    return IntStream.range(0, ROUTES)
        .mapToObj(i -> "r" + i)
        .filter(route -> RawTunnel.status(port, stage.host(route), "/") != 200)
        .toList();
  }
}
