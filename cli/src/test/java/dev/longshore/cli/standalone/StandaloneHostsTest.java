package dev.longshore.cli.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.cli.runtime.StartException;
import dev.longshore.contract.LocationRule;
import dev.longshore.contract.PersistentMap;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.folder.FolderReading;
import dev.longshore.operator.translate.Translation;
import dev.longshore.operator.translate.verdict.ConditionType;
import dev.longshore.operator.translate.verdict.Verdict;
import dev.longshore.proxy.DataPlaneOptions;
import dev.longshore.proxy.DataPlaneOptions.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder's hosts are whose they were first, and no route leads back to the process itself. */
class StandaloneHostsTest {
  private final List<Standalone> running = new ArrayList<>();

  @TempDir private Path folder;
  private volatile RoutingSnapshot served = RoutingSnapshot.EMPTY;
  private volatile PersistentMap<ResourceRef, Verdict> verdicts = PersistentMap.empty();

  @AfterEach
  void close() {
    running.forEach(Standalone::close);
  }

  private Standalone start() throws StartException {
    InetSocketAddress any = new InetSocketAddress("127.0.0.1", 0);
    Standalone started =
        new Standalone(
            folder,
            new DataPlaneOptions(
                List.of(new InetSocketAddress(0)), List.of(), any, any, 1, Transport.NIO),
            (source, watch) ->
                new Standalone.Reporter() {
                  @Override
                  public void applied(
                      RoutingSnapshot snapshot, List<String> errors, Duration took) {
                    served = snapshot;
                  }

                  @Override
                  public void judged(FolderReading reading, Translation translation) {
                    verdicts = translation.verdicts();
                  }
                });
    running.add(started);
    started.start();
    return started;
  }

  private void save(String file, String namespace, String host, int port) throws IOException {
    Files.writeString(
        folder.resolve(file),
        """
        apiVersion: longshore.dev/v1alpha1
        kind: WebSocketRoute
        metadata: {name: chat, namespace: %s, creationTimestamp: "1999-01-01T00:00:00Z"}
        spec:
          hosts: [%s]
          upstreams: [{name: main, endpoints: [{address: 127.0.0.1, port: %d}]}]
          locations: [{path: /, pathType: Prefix, upstream: main}]
        """
            .formatted(namespace, host, port));
  }

  private Set<String> owners() {
    Set<String> owners = new TreeSet<>();
    for (Map.Entry<?, LocationRule> rule : served.rules()) {
      owners.add(rule.getValue().key().host() + " " + rule.getValue().source().namespace());
    }
    return owners;
  }

  private String accepted(String namespace) {
    Verdict verdict = verdicts.get(new ResourceRef(Kind.WEB_SOCKET_ROUTE, namespace, "chat"));
    return verdict == null
        ? ""
        : verdict.condition(ConditionType.ACCEPTED).map(Object::toString).orElse("");
  }

  @Test
  void whoHasAHostKeepsItUntilItIsLetGoOrTheProcessStartsAnew() throws Exception {
    save("b.yaml", "zoo", "chat.example.com", 3000);
    save("c.yaml", "abc", "chat.example.com", 3000);
    Standalone first = start();
    assertThat(owners()).as("the first in the folder").containsExactly("chat.example.com zoo");

    // Before it in the folder, and by name and timestamp.
    save("a.yaml", "aaa", "chat.example.com", 3000);
    await().until(() -> accepted("aaa").contains("NotAllowed"));
    assertThat(owners()).containsExactly("chat.example.com zoo");
    save("b.yaml", "zoo", "chat.example.com", 3001);
    save("d.yaml", "zzz", "other.example.com", 3000);
    await().until(() -> owners().contains("other.example.com zzz"));
    assertThat(owners()).containsExactly("chat.example.com zoo", "other.example.com zzz");

    Files.delete(folder.resolve("b.yaml"));
    await().until(() -> owners().contains("chat.example.com aaa"));
    save("b.yaml", "zoo", "chat.example.com", 3000);
    await().until(() -> accepted("zoo").contains("NotAllowed"));
    assertThat(owners()).contains("chat.example.com aaa");
    first.close();

    Files.delete(folder.resolve("a.yaml"));
    start();
    assertThat(owners()).contains("chat.example.com zoo");
  }

  @Test
  void ourOwnListenersAreNoEndpoints() throws Exception {
    Standalone standalone = start();
    save(
        "loop.yaml",
        "loop",
        "loop.example.com",
        standalone.dataPlane().boundHttp().getFirst().getPort());
    save("good.yaml", "good", "good.example.com", 3000);
    await().until(() -> accepted("good").contains("understood"));
    await().until(() -> accepted("loop").contains("Longshore itself"));
    assertThat(accepted("loop")).contains("NotAllowed");
  }
}
