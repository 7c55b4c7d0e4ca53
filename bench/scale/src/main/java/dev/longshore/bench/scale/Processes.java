package dev.longshore.bench.scale;

import dev.longshore.testkube.KubeApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Starts operators and data planes with the rights and heaps that {@code deploy/} gives them. */
final class Processes {
  /** Half of the memory of the operator's container in {@code deploy/base}. */
  private static final int OPERATOR_HEAP = 256;

  /** 35 % of the data plane's. */
  private static final int DATA_PLANE_HEAP = 358;

  private final Path root;
  private final Path folder;
  private final KubeApiServer server;
  private int started;

  /**
   * @param root of the checkout
   * @param folder for tokens and what data planes keep
   */
  Processes(Path root, Path folder, KubeApiServer server) {
    this.root = root;
    this.folder = folder;
    this.server = server;
  }

  private Path log(String name) throws IOException {
    Path logs = Files.createDirectories(root.resolve(".longshore/bench/scale"));
    return logs.resolve(name + "-" + ++started + ".log");
  }

  private Path launcher() {
    return root.resolve("longshore");
  }

  /** An operator that listens where there is room. */
  Child operator() throws IOException {
    return operator("--push=127.0.0.1:0");
  }

  /** An operator with the rights that {@code deploy/} gives it. */
  Child operator(String push) throws IOException {
    Path kubeconfig = folder.resolve("operator.kubeconfig");
    Files.writeString(
        kubeconfig,
        Files.readString(server.kubeconfig())
            .replace(server.adminToken(), server.token(Cluster.SYSTEM, "longshore-operator")));
    return new Child(
        launcher(),
        log("operator"),
        OPERATOR_HEAP,
        Map.of("KUBECONFIG", kubeconfig.toString(), "POD_NAME", "operator-" + ++started),
        List.of(
            "operator",
            push,
            "--metrics=127.0.0.1:0",
            "--push-service=localhost",
            "--publish-status-address=192.0.2.7"));
  }

  /** A data plane of that number, which follows the operator at a port. */
  Child dataPlane(int number, int push) throws IOException {
    return new Child(
        launcher(), log("dataplane-" + number), DATA_PLANE_HEAP, Map.of(), arguments(number, push));
  }

  /** A file with the token that is bound to a data plane's pod. */
  private Path token(String node) throws IOException {
    return Files.writeString(
        folder.resolve(node + ".token"),
        server.podToken(Cluster.SYSTEM, "longshore-dataplane", node, "longshore-push"));
  }

  private List<String> arguments(int number, int push) throws IOException {
    return List.of(
        "dataplane",
        "--http=127.0.0.1:0",
        "--metrics=127.0.0.1:0",
        "--admin=127.0.0.1:0",
        "--operator=localhost:" + push,
        "--operator-ca=" + folder.resolve("ca.crt"),
        "--token=" + token("node-" + number),
        "--state=" + folder.resolve("state-" + number),
        "--node=node-" + number);
  }
}
