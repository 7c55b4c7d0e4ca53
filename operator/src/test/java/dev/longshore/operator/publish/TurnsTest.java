package dev.longshore.operator.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.api.v1alpha1.LongshoreConfig;
import dev.longshore.api.v1alpha1.WebSocketRoute;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Issue 9: a tenant's worst objects cost the others less than a second of propagation. */
final class TurnsTest {
  /** So that times overflow. */
  private long now = Long.MAX_VALUE - TimeUnit.MILLISECONDS.toNanos(500);

  private final Turns turns = new Turns();

  private static EndpointSlice slice(String namespace, String name, int endpoints, int port) {
    EndpointSliceBuilder slice =
        new EndpointSliceBuilder()
            .withNewMetadata()
            .withNamespace(namespace)
            .withName(name)
            .endMetadata()
            .addNewPort()
            .withPort(port)
            .endPort();
    for (int i = 0; i < endpoints; i++) {
      slice.addNewEndpoint().addToAddresses("192.0.2.1").endEndpoint();
    }
    return slice.build();
  }

  private static WebSocketRoute route(String namespace, String name, String path) {
    return Serialization.unmarshal(
        """
        apiVersion: longshore.dev/v1alpha1
        kind: WebSocketRoute
        metadata: {namespace: %s, name: %s}
        spec:
          hosts: [chat.example.com]
          upstreams: [{name: main, endpoints: [{address: 192.0.2.1, port: 80}]}]
          locations: [{path: %s, pathType: Prefix, upstream: main}]
        """
            .formatted(namespace, name, path),
        WebSocketRoute.class);
  }

  private static ResourceRef ref(String namespace, String name) {
    return new ResourceRef(Kind.ENDPOINT_SLICE, namespace, name);
  }

  /** What differs between two views. */
  private static Set<ResourceRef> taken(View before, View after) {
    Set<ResourceRef> taken = new HashSet<>();
    before.diff(after, taken::add);
    return taken;
  }

  private static View many(View view, String namespace, int count, int endpoints, int port) {
    View next = view;
    for (int i = 0; i < count; i++) {
      next = next.with(slice(namespace, "s" + i, endpoints, port));
    }
    return next;
  }

  @Test
  void whatOrdinaryChangesComeToIsTakenTogether() {
    View target = many(many(View.EMPTY, "one", 20, 10, 1), "two", 20, 10, 1);

    assertThat(turns.take(View.EMPTY, target, now)).isSameAs(target);
    assertThat(turns.isBehind()).isFalse();
  }

  @Test
  void nothingIsTakenOfNothing() {
    View view = many(View.EMPTY, "one", 1, 1, 1);

    assertThat(turns.take(view, view, now)).isSameAs(view);
    assertThat(turns.isBehind()).isFalse();
  }

  @Test
  void aSmallChangeGoesBeforeALargeOneOfAnother() {
    View target =
        View.EMPTY.with(slice("evil", "s", 12_800, 1)).with(slice("other", "moved", 1, 1));

    View first = turns.take(View.EMPTY, target, now);
    assertThat(taken(View.EMPTY, first)).containsExactly(ref("other", "moved"));
    assertThat(turns.isBehind()).isTrue();
    assertThat(turns.dueNanos() - now).isZero();
    assertThat(turns.take(first, target, now)).isSameAs(target);
  }

  /** 20,000 rules that come at once: none of it in one piece, and others go in between. */
  @Test
  void thousandsOfChangesAreTakenInSlices() {
    View target = many(View.EMPTY, "evil", 157, 127, 1);
    View at = View.EMPTY;
    int pieces = 0;
    long begin = now;
    do {
      pieces++;
      int changed = pieces;
      target = target.with(slice("other", "moved", 1, changed));
      View next = turns.take(at, target, now);
      assertThat(taken(at, next)).contains(ref("other", "moved"));
      assertThat(taken(at, next).size() - 1).isLessThanOrEqualTo(Turns.TURN / 128);
      at = next;
      now = turns.isBehind() ? turns.dueNanos() : now;
    } while (turns.isBehind());
    assertThat(at).isSameAs(target);
    assertThat(pieces).isEqualTo(23);
    assertThat(now - begin).isLessThan(TimeUnit.SECONDS.toNanos(3));
  }

  @Test
  void whoChangesThousandsOverAndOverWaitsForThatAndNobodyElseDoes() {
    View at = View.EMPTY.with(slice("evil", "s", 12_800, 1));
    at = turns.take(View.EMPTY, at, now);
    for (int i = 0; i < 4; i++) {
      now += TimeUnit.MILLISECONDS.toNanos(300);
      View target = at.with(slice("evil", "s", 12_800, i + 2)).with(slice("other", "moved", 1, i));
      View next = turns.take(at, target, now);
      assertThat(taken(at, next)).containsExactly(ref("other", "moved"));
      assertThat(turns.isBehind()).isTrue();
      at = next;
    }
    View target = at.with(slice("evil", "s", 12_800, 9));
    assertThat(turns.take(at, target, now)).isSameAs(at);
    now = turns.dueNanos();
    assertThat(turns.take(at, target, now)).isSameAs(target);
  }

  @Test
  void nobodyIsPutOffForEver() {
    View at = View.EMPTY;
    int turn = 0;
    while (at.get(ref("large", "s")) == null) {
      turn++;
      assertThat(turn).isLessThan(100);
      View target = at.with(slice("large", "s", 900, 1));
      for (int i = 0; i < 5; i++) {
        target = target.with(slice("small" + (turn * 5 + i), "s", 190, turn));
      }
      at = turns.take(at, target, now);
      now += TimeUnit.MILLISECONDS.toNanos(20);
    }
  }

  @Test
  void whatIsReferredToGoesFirstAndWhatIsGoneLast() {
    View at = View.EMPTY;
    for (int i = 0; i < 300; i++) {
      at = at.with(route("demo", "old-" + i, "/"));
    }
    View target = View.EMPTY;
    for (int i = 0; i < 300; i++) {
      target = target.with(route("demo", "new-" + i, "/"));
    }
    Secret secret =
        new SecretBuilder().withNewMetadata().withNamespace("demo").withName("z").and().build();
    target = target.with(secret);

    View first = turns.take(at, target, now);
    assertThat(first.secrets().size()).isEqualTo(1);
    assertThat(first.routes().size()).isGreaterThan(500);
    View before = first;
    while (turns.isBehind()) {
      now = turns.dueNanos();
      View next = turns.take(before, target, now);
      assertThat(next.get(ResourceRef.of(route("demo", "old-299", "/"))) == null)
          .as("gone before all that is new is there")
          .isEqualTo(next == target);
      before = next;
    }
    assertThat(before).isSameAs(target);
  }

  @Test
  void whatConcernsAllGoesAtOnce() {
    LongshoreConfig config = new LongshoreConfig();
    config.getMetadata().setName("config");
    View at = turns.take(View.EMPTY, many(View.EMPTY, "evil", 2, 900, 1), now);
    View target = many(View.EMPTY, "evil", 2, 900, 2).with(config);

    View next = turns.take(at, target, now);
    assertThat(next.configs().size()).isEqualTo(1);
    assertThat(turns.isBehind()).isTrue();
  }

  @Test
  void placesAndRefusalsComeWithTheResource() {
    WebSocketRoute route = route("demo", "chat", "/");
    ResourceRef chat = ResourceRef.of(route);
    View target = many(View.EMPTY, "demo", 20, 190, 1).withRefused(route, "a misspelt field");
    target = target.in(target.surroundings().placed(chat, "a.yaml"));
    View at = View.EMPTY;
    do {
      at = turns.take(at, target, now);
      now = turns.dueNanos();
      boolean there = at.get(chat) != null;
      assertThat(at.refused().get(chat)).isEqualTo(there ? "a misspelt field" : null);
      assertThat(at.surroundings().places().get(chat)).isEqualTo(there ? "a.yaml" : null);
    } while (turns.isBehind());
    assertThat(at).isSameAs(target);
  }
}
