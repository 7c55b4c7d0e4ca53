package dev.longshore.operator.source.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.testing.Cluster;
import dev.longshore.operator.translate.Translation;
import dev.longshore.operator.translate.Translator;
import dev.longshore.operator.translate.claim.TranslatorOptions;
import dev.longshore.process.watch.Watch;
import dev.longshore.testkube.KubeApiServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two namespaces with more than fits into the heap, beside a third: a process of its own reads and
 * translates them, and must live.
 */
class HeldMemoryTest {
  private static final int ROUTES = 60;
  private static final int LOCATIONS = 128;
  private static final int HEADERS = 32;

  /** Resources of the namespaces take some 100 MB, without a bound. */
  private static final String HEAP = "-Xmx80m";

  @TempDir Path scratch;

  @Test
  void theHeapHoldsWhateverTenantsWrite() throws Exception {
    KubeApiServer server = KubeApiServer.shared();
    server.applyCrds();
    Cluster cluster = new Cluster(server);
    List<String> namespaces = new ArrayList<>();
    for (String prefix : List.of("greedy", "hungry", "neighbour")) {
      namespaces.add(server.createNamespace(prefix));
    }
    for (String greedy : namespaces.subList(0, 2)) {
      for (int i = 0; i < ROUTES; i++) {
        cluster.client().resource(huge(greedy, i)).create();
      }
    }
    cluster.apply(Cluster.route(namespaces.get(2), "chat", "chat.example.com", "chat"));

    Path output = scratch.resolve("output");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                HEAP,
                "-XX:+UseSerialGC",
                "-XX:+UseCompactObjectHeaders",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                Reader.class.getName(),
                server.kubeconfig().toString()));
    command.addAll(namespaces);
    Process reader =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(reader.waitFor(300, TimeUnit.SECONDS)).isTrue();
      assertThat(reader.exitValue()).as(Files.readString(output)).isZero();
    } finally {
      reader.destroyForcibly();
    }
  }

  private static String huge(String namespace, int number) {
    String headers =
        IntStream.range(0, HEADERS)
            .mapToObj("{\"name\": \"X-Name-%d\", \"value\": \"v\"}"::formatted)
            .collect(Collectors.joining(","));
    String locations =
        IntStream.range(0, LOCATIONS)
            .mapToObj(
                i ->
                    """
                    {"path": "/%d", "pathType": "Prefix", "upstream": "main",
                     "policy": {"headers": {"request": {"set": [%s]}}}}
                    """
                        .formatted(i, headers))
            .collect(Collectors.joining(","));
    return """
    {"apiVersion": "longshore.dev/v1alpha1", "kind": "WebSocketRoute",
     "metadata": {"name": "huge-%d", "namespace": "%s"},
     "spec": {"ingressClassName": "longshore", "hosts": ["h%d.example.com"],
      "upstreams": [{"name": "main", "service": {"name": "chat", "port": {"number": 80}}}],
      "locations": [%s]}}
    """
        .formatted(number, namespace, number, locations);
  }

  /** The process under test: arguments are a kubeconfig, and namespaces, the last one small. */
  static final class Reader {
    private Reader() {}

    public static void main(String[] arguments) throws Exception {
      List<String> namespaces = List.of(arguments).subList(1, arguments.length);
      Config config =
          new ConfigBuilder(Config.fromKubeconfig(Files.readString(Path.of(arguments[0])))).build();
      Watch watch = new Watch();
      try (KubernetesClient client = new KubernetesClientBuilder().withConfig(config).build();
          ClusterSource source =
              new ClusterSource(
                  client,
                  new Scope(Set.copyOf(namespaces)),
                  false,
                  Translator::reads,
                  view -> {},
                  watch)) {
        source.start();
        source.synced().get(250, TimeUnit.SECONDS);
        View view = source.view();
        Translation translation = new Translator(TranslatorOptions.CLUSTER).translate(view);
        ResourceRef small = new ResourceRef(Kind.WEB_SOCKET_ROUTE, namespaces.getLast(), "chat");
        boolean right =
            view.routes().size() == 2 * ROUTES + 1
                && view.unheld().get(small) == null
                && view.unheld().size() > ROUTES / 2
                && view.unheld().size() < 2 * ROUTES;
        System.out.println(
            view.unheld().size() + " unheld, " + translation.snapshot().rules().size() + " rules");
        System.exit(right ? 0 : 1);
      }
    }
  }
}
