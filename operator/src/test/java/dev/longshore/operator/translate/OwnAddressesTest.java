package dev.longshore.operator.translate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.EndpointSet;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.OwnAddresses;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.claim.TranslatorOptions;
import dev.longshore.operator.translate.verdict.ConditionType;
import dev.longshore.operator.translate.verdict.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A route to Longshore itself is refused, alone. */
class OwnAddressesTest {
  private static final ResourceRef LOOP = new ResourceRef(Kind.WEB_SOCKET_ROUTE, "demo", "loop");
  private static final ResourceRef GOOD = new ResourceRef(Kind.WEB_SOCKET_ROUTE, "demo", "good");

  private static String route(String name, String upstream) {
    return """
    apiVersion: longshore.dev/v1alpha1
    kind: WebSocketRoute
    metadata: {name: %1$s, namespace: demo}
    spec:
      ingressClassName: longshore
      hosts: [%1$s.example.com]
      upstreams: [{name: main, %2$s}]
      locations: [{path: /, pathType: Prefix, upstream: main}]
    ---
    """
        .formatted(name, upstream);
  }

  private static final String GOOD_ROUTE =
      route("good", "endpoints: [{address: 127.0.0.1, port: 3000}]");

  private static List<String> endpoints(Translation translation) {
    List<String> found = new ArrayList<>();
    for (Map.Entry<?, EndpointSet> set : translation.snapshot().endpointSets()) {
      set.getValue().endpoints().forEach(e -> found.add(e.address() + ":" + e.port()));
    }
    return found;
  }

  private static void assertRefused(Translation translation, String endpoint) {
    Verdict verdict = Objects.requireNonNull(translation.verdicts().get(LOOP));
    Verdict.Condition accepted = verdict.condition(ConditionType.ACCEPTED).orElseThrow();
    assertThat(accepted.status()).isFalse();
    assertThat(accepted.reason()).isEqualTo("NotAllowed");
    assertThat(accepted.message()).contains("spec.upstreams[0]", endpoint, "Longshore itself");
    assertThat(
            Objects.requireNonNull(translation.verdicts().get(GOOD)).conditions().stream()
                .allMatch(Verdict.Condition::status))
        .isTrue();
    assertThat(endpoints(translation)).containsExactly("127.0.0.1:3000");
  }

  @Test
  void fixedEndpointsThatAreOurListeners() {
    OwnAddresses own =
        new OwnAddresses(
            Map.of("0:0:0:0:0:0:0:1", Set.of(8080), "192.0.2.1", Set.of(8080)),
            Set.of(8080),
            Set.of());
    for (String address :
        List.of("127.0.0.1", "127.3.4.5", "\"::1\"", "\"::ffff:127.0.0.1\"", "192.0.2.1")) {
      String spelled = address.equals("\"::ffff:127.0.0.1\"") ? "127.0.0.1" : address;
      View view =
          Manifests.view(
              route("loop", "endpoints: [{address: " + address + ", port: 8080}]") + GOOD_ROUTE);
      Translator translator = new Translator(TranslatorOptions.STANDALONE);
      assertThat(endpoints(translator.translate(view))).hasSize(2);
      Translation refused = translator.translate(view.in(view.surroundings().with(own)));
      assertRefused(refused, spelled.equals("\"::1\"") ? "0:0:0:0:0:0:0:1" : spelled);
      assertThat(endpoints(translator.translate(view))).as("no more ours").hasSize(2);
    }
  }

  @Test
  void slicesThatNameOurPodsOrOurService() {
    OwnAddresses own =
        new OwnAddresses(
            Map.of("10.96.0.9", Set.of(), "10.2.0.1", Set.of(8080)), Set.of(), Set.of());
    String service =
        """
        apiVersion: v1
        kind: Service
        metadata: {name: chat, namespace: demo}
        spec: {ports: [{port: 80}]}
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: chat-1, namespace: demo, labels: {kubernetes.io/service-name: chat}}
        addressType: IPv4
        ports: [{port: %d, protocol: TCP}]
        endpoints: [{addresses: [%s]}]
        ---
        """;
    String loop = route("loop", "service: {name: chat, port: {number: 80}}") + GOOD_ROUTE;
    for (String each : List.of("10.96.0.9 80", "10.96.0.9 1234", "10.2.0.1 8080")) {
      String[] socket = each.split(" ", -1);
      View view = Manifests.view(loop + service.formatted(Integer.parseInt(socket[1]), socket[0]));
      assertRefused(
          new Translator(TranslatorOptions.STANDALONE)
              .translate(view.in(view.surroundings().with(own))),
          socket[0]);
    }
    // Another process on the same host.
    View view = Manifests.view(loop + service.formatted(3000, "10.2.0.1"));
    assertThat(
            endpoints(
                new Translator(TranslatorOptions.STANDALONE)
                    .translate(view.in(view.surroundings().with(own)))))
        .contains("10.2.0.1:3000");
  }

  /** Those of the table are where those of flags are, at other ports. */
  @Test
  void listenersOfAConfigurationAreOursToo() {
    OwnAddresses own =
        new OwnAddresses(
            Map.of("10.96.0.9", Set.of(), "10.2.0.1", Set.of(8080)), Set.of(8080), Set.of());
    String loop = route("loop", "endpoints: [{address: 10.2.0.1, port: 8090}]") + GOOD_ROUTE;
    Translator translator = new Translator(TranslatorOptions.STANDALONE);
    View none = Manifests.view(loop);
    assertThat(endpoints(translator.translate(none.in(none.surroundings().with(own)))))
        .contains("10.2.0.1:8090");
    View some =
        Manifests.view(
            loop
                + """
                apiVersion: longshore.dev/v1alpha1
                kind: LongshoreConfig
                metadata: {name: shared}
                spec: {listeners: [{name: internal, port: 8090, protocol: HTTP}]}
                """);
    View listening = some.in(some.surroundings().with(own));
    assertRefused(translator.translate(listening), "10.2.0.1");
    assertThat(endpoints(translator.translate(none.in(none.surroundings().with(own)))))
        .as("no more ours")
        .contains("10.2.0.1:8090");
    assertThat(own.listeningAt(Set.of(8090)).has("127.0.0.9", 8090)).isTrue();
    assertThat(own.listeningAt(Set.of(8090)).has("10.96.0.9", 1)).isTrue();
    assertThat(own.listeningAt(Set.of(8090)).has("10.2.0.2", 8090)).isFalse();
  }
}
