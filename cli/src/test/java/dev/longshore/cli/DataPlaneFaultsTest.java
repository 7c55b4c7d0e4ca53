package dev.longshore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.api.v1alpha1.Condition;
import dev.longshore.contract.EntryRef;
import dev.longshore.contract.Matches;
import dev.longshore.contract.PathType;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.SnapshotDelta.Versions;
import dev.longshore.contract.push.Ack;
import dev.longshore.contract.push.Goodbye;
import dev.longshore.operator.Operator;
import dev.longshore.proxy.DataPlane;
import dev.longshore.testkube.KubeApiServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Data planes that are not as they should be, beside one that is: it serves on, and status says
 * what is wrong.
 *
 * <p>The same on the wire, message by message: {@code PushServerTest} of the operator. What a data
 * plane itself does about an operator that is not as it should be: {@code SubscriptionTest} of the
 * proxy.
 */
class DataPlaneFaultsTest {
  private static final String GOOD = "node-1";
  private static final String ODD = "node-2";

  @TempDir private Path folder = Path.of("");
  private final Map<String, Integer> rules = new TreeMap<>();
  private Stage stage;
  private Operator operator;
  private DataPlane dataPlane;
  private Traffic traffic;

  @BeforeEach
  void start() throws Exception {
    stage = new Stage(KubeApiServer.shared(), folder);
    stage.apply(stage.service("echo"));
    stage.apply(stage.route("used", "echo"));
    stage.dataPlanes(GOOD, ODD);
    operator = stage.operator("operator");
    dataPlane = stage.dataPlane(GOOD, Stage.port(operator));
    stage.awaitStatus(dataPlane, "used", "/", 200);
    traffic = new Traffic(Stage.port(dataPlane), List.of(stage.host("used")));
  }

  @AfterEach
  void stop() throws Exception {
    traffic.goesOn();
    traffic.close();
    stage.close();
  }

  @Test
  void whatOneOfSeveralRefusesIsClosedThereAlone() throws Exception {
    try (PushPeer odd = peer()) {
      odd.acknowledgeUntil(1);
      stage.awaitProgrammed("used");
      stage.apply(stage.route("refused", "echo", "/", "/x"));
      odd.refuse(rule("refused", "/x"), "is not to my taste");
      odd.acknowledgeUntil(3);
      stage.awaitStatus(dataPlane, "refused", "/x", 200);
      stage.awaitStatus(dataPlane, "refused", "/", 200);
      Condition programmed =
          stage.awaitCondition(
              "refused", "Programmed", condition -> "Rejected".equals(condition.reason()));
      assertThat(programmed.status()).isEqualTo("False");
      assertThat(programmed.message()).contains("spec.locations[1]", "is not to my taste", ODD);

      // Others go on, and the route is served when it was edited.
      try (RawTunnel tunnel = new RawTunnel(Stage.port(dataPlane), stage.host("refused"))) {
        stage.apply(stage.route("other", "echo"));
        odd.acknowledgeUntil(4);
        stage.awaitProgrammed("other");
        stage.apply(stage.route("refused", "echo", "/", "/y"));
        odd.acknowledgeUntil(4);
        stage.awaitStatus(dataPlane, "refused", "/y", 200);
        stage.awaitProgrammed("refused");
        assertThat(tunnel.echo("all the while")).isEqualTo("all the while");
      }
    }
  }

  @Test
  void whoIsSlowHoldsUpNobodyAndGetsTheLatest() throws Exception {
    try (PushPeer odd = peer()) {
      odd.acknowledgeUntil(1);
      stage.awaitProgrammed("used");
      stage.apply(stage.route("first", "echo"));
      odd.take();
      for (String route : List.of("second", "third", "fourth")) {
        stage.apply(stage.route(route, "echo"));
        stage.awaitStatus(dataPlane, route, "/", 200);
      }
      Condition programmed =
          stage.awaitCondition(
              "fourth",
              "Programmed",
              // At first it may say that nobody has answered.
              condition ->
                  "Pending".equals(condition.reason())
                      && !String.valueOf(condition.message()).contains(GOOD));
      assertThat(programmed.message()).contains(ODD);
      assertThat(odd.heardNothing()).as("nothing more before it has answered").isTrue();
      odd.acknowledge();
      assertThat(odd.take().rules().size()).as("the latest, in one message").isEqualTo(5);
      odd.acknowledge();
      stage.awaitProgrammed("first");
      stage.awaitProgrammed("fourth");
    }
  }

  @Test
  void whoLiesIsNotBelieved() throws Exception {
    try (PushPeer odd = peer()) {
      odd.acknowledgeUntil(1);
      stage.awaitProgrammed("used");
      stage.apply(stage.route("first", "echo"));
      odd.take();
      odd.say(new Ack(Versions.of(RoutingSnapshot.EMPTY)));
      assertThat(odd.dismissal()).isEqualTo(Goodbye.Reason.UNKNOWN_VERSION);
    }
    stage.awaitStatus(dataPlane, "first", "/", 200);
    assertThat(
            stage
                .awaitCondition(
                    "first", "Programmed", condition -> "Pending".equals(condition.reason()))
                .message())
        .contains(ODD);
    // The truth is taken from it at any time.
    try (PushPeer odd = peer()) {
      odd.acknowledgeUntil(2);
      stage.awaitProgrammed("first");
    }
  }

  @Test
  void whoHasTheWrongTokenIsToldWhyAndLetInWithTheRightOne() throws Exception {
    KubeApiServer server = KubeApiServer.shared();
    Map<String, String> tokens =
        Map.of(
            "of-nobody", "not.a.token",
            "for-others", server.token(stage.system(), "longshore-dataplane", "another-audience"),
            "for-the-api-server", server.token(stage.system(), "longshore-dataplane"),
            "of-another", server.token(stage.system(), "default", "longshore-push"),
            "of-another-kind-of-pod",
                server.token(stage.system(), "longshore-dataplane", "longshore-push"),
            "of-a-namesake",
                server.token(namesake(server), "longshore-dataplane", "longshore-push"));
    Map<String, DataPlane> refused = new TreeMap<>();
    for (Map.Entry<String, String> token : tokens.entrySet()) {
      Path file = Files.writeString(folder.resolve(token.getKey()), token.getValue());
      refused.put(token.getKey(), stage.dataPlane(token.getKey(), Stage.port(operator), file));
    }
    refused.forEach(
        (name, one) -> {
          String answer = name.startsWith("of-a") ? "answers 403" : "answers 401";
          Stage.patience().until(() -> Stage.readiness(one), text -> text.contains(answer));
          assertThat(RawTunnel.status(Stage.port(one), stage.host("used"), "/"))
              .as("%s is served nothing", name)
              .isZero();
        });
    for (String name : refused.keySet()) {
      Files.writeString(folder.resolve(name), stage.token(name));
    }
    refused.forEach((name, one) -> stage.awaitStatus(one, "used", "/", 200));
  }

  private static String namesake(KubeApiServer server) {
    return server.createNamespace("elsewhere", "longshore-dataplane");
  }

  private PushPeer peer() throws Exception {
    return new PushPeer(stage.ca(), Stage.port(operator), stage.token(ODD), ODD);
  }

  private EntryRef rule(String route, String path) {
    return new EntryRef.Rule(new RuleKey(stage.host(route), PathType.PREFIX, path, Matches.NONE));
  }
}
