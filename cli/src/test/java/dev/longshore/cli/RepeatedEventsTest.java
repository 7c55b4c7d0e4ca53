package dev.longshore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.operator.Operator;
import dev.longshore.proxy.DataPlane;
import dev.longshore.testkube.KubeApiServer;
import io.fabric8.kubernetes.client.Config;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Events that come twice, and older ones behind newer ones: what is served is what is newest.
 *
 * <p>One by one, without a server: {@code FeedTest} of the operator.
 */
class RepeatedEventsTest {
  private static final int EDITS = 5;

  @Test
  void theNewestIsServed(@TempDir Path folder) throws Exception {
    KubeApiServer server = KubeApiServer.shared();
    try (Stage stage = new Stage(server, folder);
        Repeater repeater = new Repeater(server)) {
      stage.apply(stage.service("echo"));
      stage.apply(stage.route("used", "echo"));
      stage.dataPlanes("node-1");
      Config config =
          server
              .configuration(server.adminToken())
              .withMasterUrl(repeater.url())
              .withOnlyHttpWatches(true)
              .build();
      Operator operator = stage.operator("operator", config, 0);
      DataPlane dataPlane = stage.dataPlane("node-1", Stage.port(operator));
      stage.awaitStatus(dataPlane, "used", "/", 200);
      try (Traffic traffic = new Traffic(Stage.port(dataPlane), List.of(stage.host("used")))) {
        for (int i = 1; i <= EDITS; i++) {
          stage.apply(stage.route("edited", "echo", "/v" + i));
          stage.awaitStatus(dataPlane, "edited", "/v" + i, 200);
        }
        int before = repeater.outOfOrder();
        assertThat(before).isGreaterThanOrEqualTo(EDITS - 1);
        // Whatever was said of the one, was said before the first word of the other.
        for (String marker : List.of("marker", "second-marker")) {
          stage.apply(stage.route(marker, "echo"));
          stage.awaitStatus(dataPlane, marker, "/", 200);
          assertThat(status(stage, dataPlane, "/v" + EDITS)).isEqualTo(200);
          assertThat(status(stage, dataPlane, "/v" + (EDITS - 1))).isEqualTo(404);
        }
        stage.awaitProgrammed("edited");
        stage.delete("edited");
        stage.awaitStatus(dataPlane, "edited", "/v" + EDITS, 404);
        stage.apply(stage.route("edited", "echo", "/anew"));
        stage.awaitStatus(dataPlane, "edited", "/anew", 200);
        stage.awaitProgrammed("edited");
        traffic.goesOn();
      }
    }
  }

  private static int status(Stage stage, DataPlane dataPlane, String path) {
    return RawTunnel.status(Stage.port(dataPlane), stage.host("edited"), path);
  }
}
