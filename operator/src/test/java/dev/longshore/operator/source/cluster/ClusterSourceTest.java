package dev.longshore.operator.source.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.PersistentMap;
import dev.longshore.operator.source.Holdings;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.testing.Cluster;
import dev.longshore.process.watch.Watch;
import dev.longshore.testkube.KubeApiServer;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ClusterSourceTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static KubeApiServer server;
  private static Cluster cluster;

  private final List<View> heard = new CopyOnWriteArrayList<>();
  private final Watch watch = new Watch();
  private String namespace;
  private ClusterSource source;

  @BeforeAll
  static void start() {
    server = KubeApiServer.shared();
    server.applyCrds();
    cluster = new Cluster(server);
  }

  @BeforeEach
  void follow() throws Exception {
    namespace = server.createNamespace("source");
    source =
        new ClusterSource(
            cluster.client(), new Scope(Set.of(namespace)), true, key -> true, heard::add, watch);
  }

  @AfterEach
  void close() {
    source.close();
    watch.close();
  }

  @Test
  void everythingListedIsInTheViewWhenSynced() throws Exception {
    cluster.service(namespace, "chat");
    cluster.endpoints(namespace, "chat", "10.1.0.1", "10.1.0.2");
    cluster.apply(Cluster.route(namespace, "chat", "chat.example.com", "chat"));
    source.start();
    source.synced().get(30, TimeUnit.SECONDS);

    View view = source.view();
    assertThat(view.routes().size()).isEqualTo(1);
    assertThat(view.services().get(ref(Kind.SERVICE, "chat"))).isNotNull();
    assertThat(view.endpointSlices().get(ref(Kind.ENDPOINT_SLICE, "chat-1")))
        .satisfies(slice -> assertThat(slice.getEndpoints()).hasSize(2));
    assertThat(view.routes().get(ref(Kind.WEB_SOCKET_ROUTE, "chat")))
        .extracting(route -> Objects.requireNonNull(route.getSpec()).hosts())
        .isEqualTo(List.of("chat.example.com"));
    assertThat(heard).as("nothing is announced before it is asked for").isEmpty();
    assertThat(source.resourceVersions().get(Kind.WEB_SOCKET_ROUTE)).isPositive();
    assertThat(source.waitingFor()).isEmpty();
  }

  @Test
  void announcesWhatMattersAndNothingElse() throws Exception {
    cluster.service(namespace, "chat");
    announced();
    int before = heard.size();

    cluster.endpoints(namespace, "chat", "10.1.0.1");
    await()
        .atMost(PATIENCE)
        .until(
            () -> source.view().endpointSlices().get(ref(Kind.ENDPOINT_SLICE, "chat-1")) != null);
    assertThat(heard).hasSize(before + 1);

    // Another controller's label, and then a change that matters: one view, not two.
    cluster
        .client()
        .services()
        .inNamespace(namespace)
        .withName("chat")
        .edit(
            service -> {
              service.getMetadata().setLabels(Map.of("team", "blue"));
              return service;
            });
    cluster.delete(Cluster.route(namespace, "none", "none.example.com", "chat"));
    cluster.apply(Cluster.route(namespace, "chat", "chat.example.com", "chat"));
    await().atMost(PATIENCE).until(() -> source.view().routes().size() == 1);
    assertThat(heard).hasSize(before + 2);
  }

  /** Of what there is no room for a stub is held, and all of it once there is room. */
  @Test
  void whatThereIsNoRoomForComesBackByItself() throws Exception {
    cluster.apply(Cluster.route(namespace, "chat", "chat.example.com", "chat"));
    cluster.apply(Cluster.route(namespace, "other", "other.example.com", "chat"));
    cluster.service(namespace, "chat");
    Holdings roomy = new Holdings(1 << 20, 1 << 20);
    source = limited(roomy);
    source.start();
    source.synced().get(30, TimeUnit.SECONDS);
    source.close();
    source = limited(new Holdings(roomy.sum(namespace) - 1, 1 << 20));
    announced();
    Set<ResourceRef> unheld = new HashSet<>();
    source.view().unheld().forEach((ref, why) -> unheld.add(ref));
    assertThat(unheld).hasSize(1);
    ResourceRef last = unheld.iterator().next();
    for (ResourceRef ref :
        List.of(
            ref(Kind.WEB_SOCKET_ROUTE, "chat"),
            ref(Kind.WEB_SOCKET_ROUTE, "other"),
            ref(Kind.SERVICE, "chat"))) {
      if (!ref.equals(last)) {
        cluster.client().resource(Objects.requireNonNull(source.view().get(ref))).delete();
        break;
      }
    }
    await().atMost(PATIENCE).until(() -> source.view().unheld().size() == 0);
    assertThat(source.view().get(last)).isNotNull();
  }

  @Test
  void secretsAreFollowedByTypeByLabelAndByName() throws Exception {
    secret("tls", "kubernetes.io/tls", Map.of());
    secret("labelled", "Opaque", Map.of(ClusterSource.WATCH_LABEL, "true"));
    secret("plain", "Opaque", Map.of());
    announced();
    assertThat(source.view().secrets().get(ref(Kind.SECRET, "tls"))).isNotNull();
    assertThat(source.view().secrets().get(ref(Kind.SECRET, "labelled"))).isNotNull();
    assertThat(source.view().secrets().get(ref(Kind.SECRET, "plain")))
        .as("nobody refers to it")
        .isNull();

    ResourceRef plain = ref(Kind.SECRET, "plain");
    ResourceRef late = ref(Kind.SECRET, "late");
    ResourceRef map = ref(Kind.CONFIG_MAP, "map");
    PersistentMap<ResourceRef, ResourceRef> wanted =
        PersistentMap.<ResourceRef, ResourceRef>empty()
            .with(plain, plain)
            .with(late, late)
            .with(map, map);
    assertThat(source.follow(wanted, PATIENCE)).isTrue();
    assertThat(source.view().secrets().get(plain)).as("was waited for").isNotNull();
    assertThat(source.follow(wanted, PATIENCE)).as("nothing new").isFalse();

    secret("late", "Opaque", Map.of());
    cluster.apply(
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: map, namespace: %s}
        data: {a: b}
        """
            .formatted(namespace));
    await().atMost(PATIENCE).until(() -> source.view().secrets().get(late) != null);
    await().atMost(PATIENCE).until(() -> source.view().configMaps().get(map) != null);

    // The label goes, the name stays: the Secret stays.
    ResourceRef labelled = ref(Kind.SECRET, "labelled");
    wanted = wanted.with(labelled, labelled);
    source.follow(wanted, PATIENCE);
    secret("labelled", "Opaque", Map.of(ClusterSource.WATCH_LABEL, "false"));
    secret("last", "kubernetes.io/tls", Map.of());
    await()
        .atMost(PATIENCE)
        .until(() -> source.view().secrets().get(ref(Kind.SECRET, "last")) != null);
    await().atMost(PATIENCE).until(() -> source.view().secrets().get(labelled) != null);

    source.follow(PersistentMap.empty(), PATIENCE);
    assertThat(source.view().secrets().get(plain)).as("nobody refers to it any more").isNull();
    assertThat(source.view().configMaps().size()).isZero();
    assertThat(source.view().secrets().get(ref(Kind.SECRET, "tls"))).isNotNull();
  }

  @Test
  void whatMayNotBeReadHoldsNothingUp() {
    ResourceRef forbidden = ref(Kind.SECRET, "forbidden");
    try (KubernetesClient nobody = server.client(namespace, "default");
        ClusterSource poor =
            new ClusterSource(
                nobody, new Scope(Set.of(namespace)), false, key -> true, heard::add, watch)) {
      long began = System.nanoTime();
      poor.follow(
          PersistentMap.<ResourceRef, ResourceRef>empty().with(forbidden, forbidden),
          PATIENCE.multipliedBy(2));
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(PATIENCE);
    }
  }

  @Test
  void anExternalNameIsResolvedIntoSlices() throws Exception {
    announced();
    cluster.apply(
        """
        apiVersion: v1
        kind: Service
        metadata: {name: outside, namespace: %s}
        spec: {type: ExternalName, externalName: 192.0.2.9, ports: [{port: 443}]}
        """
            .formatted(namespace));
    ResourceRef slice = ref(Kind.ENDPOINT_SLICE, "outside.external-name.ipv4");
    await().atMost(PATIENCE).until(() -> source.view().endpointSlices().get(slice) != null);
    assertThat(source.view().endpointSlices().get(slice))
        .satisfies(
            made -> {
              assertThat(made.getEndpoints().getFirst().getAddresses())
                  .containsExactly("192.0.2.9");
              assertThat(made.getPorts().getFirst().getPort()).isEqualTo(443);
            });
    cluster.client().services().inNamespace(namespace).withName("outside").delete();
    await().atMost(PATIENCE).until(() -> source.view().endpointSlices().get(slice) == null);
  }

  private ClusterSource limited(Holdings holdings) {
    source.close();
    return new ClusterSource(
        cluster.client(),
        new Scope(Set.of(namespace)),
        false,
        key -> true,
        heard::add,
        watch,
        holdings);
  }

  private void announced() throws Exception {
    source.start();
    source.synced().get(30, TimeUnit.SECONDS);
    source.announce();
  }

  private void secret(String name, String type, Map<String, String> labels) {
    Secret secret =
        new SecretBuilder()
            .withNewMetadata()
            .withName(name)
            .withNamespace(namespace)
            .withLabels(labels)
            .endMetadata()
            .withType(type)
            .addToData("tls.crt", "")
            .addToData("tls.key", "")
            .build();
    cluster.client().resource(secret).forceConflicts().serverSideApply();
  }

  private ResourceRef ref(Kind kind, String name) {
    return new ResourceRef(kind, namespace, name);
  }
}
