package dev.longshore.operator.translate.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.LocationRule;
import dev.longshore.contract.PersistentMap;
import dev.longshore.operator.source.HostTenure;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.Manifests;
import dev.longshore.operator.translate.Translation;
import dev.longshore.operator.translate.Translator;
import dev.longshore.operator.translate.claim.TranslatorOptions;
import dev.longshore.operator.translate.verdict.Verdict;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A host belongs to who claimed it first, as it was recorded, whatever the age of objects. */
class HostOwnershipTest {
  private static final Instant NOW = Instant.parse("2026-11-30T13:00:00Z");

  private final Translator translator = new Translator(TranslatorOptions.CLUSTER);

  private static final String CLASS =
      """
      apiVersion: networking.k8s.io/v1
      kind: IngressClass
      metadata: {name: longshore}
      spec:
        controller: longshore.dev/ingress-controller
        parameters: {apiGroup: longshore.dev, kind: LongshoreConfig, name: main}
      ---
      apiVersion: longshore.dev/v1alpha1
      kind: LongshoreConfig
      metadata: {name: main}
      spec: {%s}
      ---
      """;

  private static String route(String namespace, int year, String... hosts) {
    return """
    apiVersion: longshore.dev/v1alpha1
    kind: WebSocketRoute
    metadata: {name: r, namespace: %s, creationTimestamp: "%d-01-01T00:00:00Z"}
    spec:
      ingressClassName: longshore
      hosts: ["%s"]
      upstreams: [{name: main, service: {name: chat, port: {number: 80}}}]
      locations: [{path: /, pathType: Prefix, upstream: main}]
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: chat, namespace: %1$s}
    spec: {ports: [{port: 80}]}
    ---
    """
        .formatted(namespace, year, String.join("\", \"", hosts));
  }

  private static String ingress(String namespace, int year, String host) {
    return """
    apiVersion: networking.k8s.io/v1
    kind: Ingress
    metadata: {name: i, namespace: %s, creationTimestamp: "%d-01-01T00:00:00Z"}
    spec:
      ingressClassName: longshore
      rules:
      - host: "%s"
        http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: chat, port: {number: 80}}}}]}
    ---
    """
        .formatted(namespace, year, host);
  }

  private Translation translate(Map<String, String> owners, String... manifests) {
    return translate("", owners, manifests);
  }

  private Translation translate(String config, Map<String, String> owners, String... manifests) {
    View view = Manifests.view(CLASS.formatted(config) + String.join("", manifests));
    PersistentMap<String, HostTenure> tenures = PersistentMap.empty();
    for (Map.Entry<String, String> owner : owners.entrySet()) {
      tenures = tenures.with(owner.getKey(), new HostTenure(owner.getValue(), NOW, null));
    }
    View within = view.in(view.surroundings().with(tenures));
    Translation translation = translator.translate(within);
    Translation fresh = new Translator(TranslatorOptions.CLUSTER).translate(within);
    assertThat(translation.snapshot()).as("whatever was before").isEqualTo(fresh.snapshot());
    assertThat(translation.verdicts()).isEqualTo(fresh.verdicts());
    assertThat(translation.holders()).isEqualTo(fresh.holders());
    return translation;
  }

  /** By host, the namespaces whose rules are in the table. */
  private static Set<String> served(Translation translation) {
    Set<String> served = new TreeSet<>();
    for (Map.Entry<?, LocationRule> rule : translation.snapshot().rules()) {
      served.add(rule.getValue().key().host() + " " + rule.getValue().source().namespace());
    }
    return served;
  }

  private static Verdict verdict(Translation translation, Kind kind, String namespace) {
    return Objects.requireNonNull(
        translation
            .verdicts()
            .get(new ResourceRef(kind, namespace, kind == Kind.INGRESS ? "i" : "r")));
  }

  @Test
  void anOlderObjectThatIsEditedTakesNothingThatIsRecorded() {
    String young = route("young", 2026, "chat.example.com");
    Translation first = translate(Map.of(), young, route("old", 2020, "old.example.com"));
    assertThat(served(first)).contains("chat.example.com young");
    assertThat(first.holders().get("chat.example.com")).isNotNull();

    Translation attacked =
        translate(
            Map.of("chat.example.com", "young", "old.example.com", "old"),
            young,
            route("old", 2020, "old.example.com", "chat.example.com"));
    assertThat(served(attacked))
        .containsExactlyInAnyOrder("chat.example.com young", "old.example.com old");
    Verdict refused = verdict(attacked, Kind.WEB_SOCKET_ROUTE, "old");
    assertThat(refused.problems())
        .anyMatch(
            problem ->
                problem.reason().equals("NotAllowed")
                    && problem.text().contains("spec.hosts[1]")
                    && problem.text().contains("young"));
    assertThat(refused.hostOwners()).containsExactly("old", "young");
  }

  @Test
  void thatHoldsAcrossKinds() {
    Translation translation =
        translate(
            Map.of("chat.example.com", "young"),
            ingress("old", 2019, "chat.example.com"),
            route("old", 2020, "other.example.com"),
            route("young", 2026, "chat.example.com"));
    assertThat(served(translation))
        .containsExactlyInAnyOrder("chat.example.com young", "other.example.com old");
    assertThat(verdict(translation, Kind.INGRESS, "old").hostOwners()).containsExactly("young");
  }

  @Test
  void anOlderWildcardDoesNotTakeNamesBelowIt() {
    Translation translation =
        translate(
            Map.of("chat.example.com", "young"),
            route("old", 2020, "*.example.com"),
            route("young", 2026, "chat.example.com"));
    assertThat(served(translation))
        .containsExactlyInAnyOrder("*.example.com old", "chat.example.com young");
  }

  @Test
  void anOlderObjectTakesNoNameOutOfAWildcard() {
    Map<String, String> owners = Map.of("*.example.com", "young");
    Translation translation =
        translate(
            owners, route("old", 2020, "chat.example.com"), route("young", 2026, "*.example.com"));
    assertThat(served(translation)).containsExactly("*.example.com young");
    assertThat(translation.holders().get("chat.example.com")).isNull();
    // Its owner may.
    assertThat(
            served(
                translate(
                    owners,
                    route("old", 2020, "x.y.example.com"),
                    route("young", 2026, "*.example.com", "chat.example.com"))))
        .contains("chat.example.com young", "x.y.example.com old");
  }

  @Test
  void aHostThatIsKeptIsNobodyElses() {
    View view = Manifests.view(CLASS.formatted("") + route("other", 2020, "chat.example.com"));
    PersistentMap<String, HostTenure> kept =
        PersistentMap.<String, HostTenure>empty()
            .with("chat.example.com", new HostTenure("gone", NOW, NOW.plusSeconds(600)));
    Translation translation = translator.translate(view.in(view.surroundings().with(kept)));
    assertThat(served(translation)).isEmpty();
    assertThat(translation.holders().size()).isZero();
    assertThat(verdict(translation, Kind.WEB_SOCKET_ROUTE, "other").problems())
        .anyMatch(problem -> problem.text().contains("until 2026-11-30T13:10:00Z"));
    assertThat(served(translator.translate(view))).containsExactly("chat.example.com other");
  }

  /** A solver Ingress is younger than everything, and stands beside the Certificate. */
  @Test
  void theOwnersNamespaceMayAddIngressesOfItsHosts() {
    Translation translation =
        translate(
            Map.of("chat.example.com", "young"),
            route("young", 2026, "chat.example.com"),
            ingress("young", 2027, "chat.example.com")
                .replace("path: /,", "path: /.well-known/x,"));
    assertThat(translation.snapshot().rules().size()).isEqualTo(2);
  }

  @Test
  void listedNamesAreForTheListedNamespacesAlone() {
    String list =
        "hosts: [{namespace: a, names: [a.example.com, \"*.a.example.com\"]},"
            + " {namespace: b, names: [b.a.example.com]}]";
    Map<String, String> recorded = Map.of("a.example.com", "b");
    String b =
        route("b", 2020, "a.example.com", "x.y.a.example.com", "b.a.example.com", "b.example.com");
    Translation withoutA = translate(list, recorded, b);
    assertThat(served(withoutA)).containsExactlyInAnyOrder("b.a.example.com b", "b.example.com b");
    assertThat(verdict(withoutA, Kind.WEB_SOCKET_ROUTE, "b").problems())
        .anyMatch(problem -> problem.text().contains("spec.hosts of the LongshoreConfig"));
    assertThat(
            served(
                translate(
                    list,
                    recorded,
                    b,
                    route("a", 2026, "a.example.com", "x.y.a.example.com", "b.a.example.com"))))
        .containsExactlyInAnyOrder(
            "b.a.example.com b", "b.example.com b", "a.example.com a", "x.y.a.example.com a");
  }

  /** Else it would have the traffic of the listed name for as long as nobody claims that. */
  @Test
  void aWildcardOverAListedNameIsForWhoMayClaimThatToo() {
    String one = "{namespace: a, names: [chat.example.com]}";
    assertThat(
            served(translate("hosts: [" + one + "]", Map.of(), route("b", 2020, "*.example.com"))))
        .isEmpty();
    assertThat(
            served(translate("hosts: [" + one + "]", Map.of(), route("a", 2020, "*.example.com"))))
        .containsExactly("*.example.com a");
    assertThat(
            served(
                translate(
                    "hosts: [" + one + ", {namespace: b, names: [\"*.example.com\"]}]",
                    Map.of(),
                    route("b", 2020, "*.example.com"),
                    route("a", 2026, "chat.example.com"))))
        .containsExactlyInAnyOrder("*.example.com b", "chat.example.com a");
  }

  @Test
  void everyNameMayBeListed() {
    String list = "hosts: [{namespace: a, names: [\"*\"]}, {namespace: b, names: [b.example.com]}]";
    assertThat(
            served(
                translate(
                    list,
                    Map.of(),
                    route("b", 2020, "b.example.com", "chat.example.com"),
                    route("c", 2020, "c.example.com"),
                    route("a", 2026, "chat.example.com"))))
        .containsExactlyInAnyOrder("b.example.com b", "chat.example.com a");
  }

  @Test
  void sharedHostsStayRecordedForTheFirst() {
    Translation translation =
        translate(
            "hostOwnership: Shared",
            Map.of("chat.example.com", "young"),
            route("young", 2026, "chat.example.com"),
            route("old", 2020, "chat.example.com").replace("path: /,", "path: /old,"));
    assertThat(served(translation))
        .containsExactlyInAnyOrder("chat.example.com old", "chat.example.com young");
    assertThat(Objects.requireNonNull(translation.holders().get("chat.example.com")).namespace())
        .isEqualTo("young");
  }
}
