package dev.longshore.operator.translate.claim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.HardLimits;
import dev.longshore.contract.Matches;
import dev.longshore.contract.PathType;
import dev.longshore.contract.RuleAction.Forward;
import dev.longshore.contract.RuleAction.Unavailable;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.SnapshotValidator;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.Manifests;
import dev.longshore.operator.translate.Translation;
import dev.longshore.operator.translate.Translator;
import dev.longshore.operator.translate.quota.QuotaShare;
import dev.longshore.operator.translate.verdict.Problem;
import dev.longshore.operator.translate.verdict.Verdict;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a namespace may come to, and who is refused beyond it: the newest, and nobody else. */
class QuotaTest {
  private static final String CLASS =
      """
      apiVersion: networking.k8s.io/v1
      kind: IngressClass
      metadata: {name: longshore, annotations: {ingressclass.kubernetes.io/is-default-class: "true"}}
      spec:
        controller: longshore.dev/ingress-controller
        parameters: {apiGroup: longshore.dev, kind: LongshoreConfig, name: longshore}
      ---
      """;

  private final Translator translator = new Translator(TranslatorOptions.CLUSTER);

  @Test
  void theNewestBeyondItAreRefusedBeforeTheyAreMultiplied() {
    View view = with(View.EMPTY, CLASS + config("{}"));
    view = with(view, service("demo") + service("other"));
    view = with(view, route("other", "neighbour", 1, 1, 1));
    for (int i = 0; i < 60; i++) {
      view = with(view, route("demo", "r%02d".formatted(i), 10 + i, 64, 128));
    }
    Translation translation = translator.translate(view);
    assertThat(SnapshotValidator.validate(translation.snapshot())).isEmpty();
    assertThat(translation.snapshot().rules().size())
        .isEqualTo(1 + 2 * 64 * 128)
        .isLessThan((int) Quota.CLUSTER.rules() + HardLimits.CLOSED_RULES_PER_NAMESPACE);
    assertThat(problems(translation, "demo", "r00")).isEmpty();
    assertThat(problems(translation, "demo", "r01"))
        .startsWith("QuotaNearlyReached spec: the resources of namespace demo take more than");
    for (int i = 2; i < 60; i++) {
      assertThat(problems(translation, "demo", "r%02d".formatted(i)))
          .startsWith(
              "NotAllowed spec: with it the resources of namespace demo would come to more than"
                  + " 20,000 rules")
          .contains("spec.quotas.rules of the LongshoreConfig");
    }
    assertThat(problems(translation, "other", "neighbour")).isEmpty();
    assertThat(translator.quotaShares())
        .containsExactly(new QuotaShare("demo", "rules", 2 * 64 * 128, Quota.CLUSTER.rules()));
  }

  @Test
  void aRefusedPlaceIsKeptClosedAgainstLaxerRules() {
    View view = with(View.EMPTY, CLASS + config("{rules: 2}") + service("demo"));
    view = with(view, route("demo", "lax", 1, 1, 1));
    view = with(view, route("demo", "strict", 2, 1, 2).replace("strict-h0", "lax-h0"));
    Translation translation = translator.translate(view);
    assertThat(translation.snapshot().rules().get(key("lax-h0.example.com", "/p0")))
        .satisfies(rule -> assertThat(rule.action()).isInstanceOf(Forward.class));
    assertThat(translation.snapshot().rules().get(key("lax-h0.example.com", "/p1")))
        .satisfies(
            rule ->
                assertThat(rule.action())
                    .isInstanceOfSatisfying(
                        Unavailable.class,
                        closed -> assertThat(closed.reason()).isEqualTo("NotAllowed")));
    // Closed places have an end, too.
    for (int i = 0; i < 20; i++) {
      view = with(view, route("demo", "more" + i, 3 + i, 10, 10));
    }
    assertThat(translator.translate(view).snapshot().rules().size())
        .isLessThanOrEqualTo(2 + HardLimits.CLOSED_RULES_PER_NAMESPACE);
  }

  @Test
  void whoGoesMakesRoomAndANamespaceMayHaveItsOwn() {
    View view =
        with(
            View.EMPTY,
            CLASS
                + config("{rules: 2, namespaces: [{namespace: large, rules: 8}]}")
                + service("demo")
                + service("large"));
    view = with(view, route("demo", "a", 1, 1, 2));
    view = with(view, route("demo", "b", 2, 1, 1));
    view = with(view, route("large", "c", 3, 1, 6));
    Translation translation = translator.translate(view);
    assertThat(problems(translation, "demo", "b")).startsWith("NotAllowed");
    assertThat(problems(translation, "large", "c")).isEmpty();
    view = view.without(new ResourceRef(Kind.WEB_SOCKET_ROUTE, "demo", "a"));
    assertThat(problems(translator.translate(view), "demo", "b")).isEmpty();
  }

  @Test
  void endpointsThatGrowCountAtOnce() {
    View view = with(View.EMPTY, CLASS + config("{endpoints: 10}") + service("demo"));
    view = with(view, route("demo", "a", 1, 1, 1));
    view = with(view, route("demo", "b", 2, 1, 1));
    view = with(view, slice("demo", 5));
    assertThat(problems(translator.translate(view), "demo", "a")).isEmpty();
    view = with(view, slice("demo", 6));
    Translation translation = translator.translate(view);
    assertThat(problems(translation, "demo", "a")).isEmpty();
    assertThat(problems(translation, "demo", "b"))
        .startsWith("NotAllowed")
        .contains("10 endpoints");
    view = with(view, slice("demo", 2));
    assertThat(problems(translator.translate(view), "demo", "b")).isEmpty();
  }

  /** The API takes a hundred addresses in each entry of a slice. */
  @Test
  void everyAddressOfAnEntryIsAnEndpoint() {
    View view = with(View.EMPTY, CLASS + config("{endpoints: 10}") + service("demo"));
    view = with(view, route("demo", "a", 1, 1, 1));
    view = with(view, slice("demo", 11).replace("]}, {addresses: [", ", "));
    Translation translation = translator.translate(view);
    assertThat(problems(translation, "demo", "a"))
        .startsWith("NotAllowed")
        .contains("10 endpoints");
    assertThat(translation.snapshot().endpointSets().size()).isLessThanOrEqualTo(1);
  }

  /** A mebibyte of spec.tls names 40,000 hosts, each of which is claimed, settled and recorded. */
  @Test
  void hostsOfTlsAloneAreCountedAsRules() {
    View view = with(View.EMPTY, CLASS + config("{rules: 10}") + service("demo"));
    view = with(view, ingress(9));
    assertThat(ingressProblems(translator.translate(view))).doesNotContain("NotAllowed");
    view = with(view, ingress(10));
    Translation translation = translator.translate(view);
    assertThat(ingressProblems(translation)).contains("NotAllowed").contains("10 rules");
    assertThat(translation.holders().size()).isLessThanOrEqualTo(1);
  }

  private static String ingressProblems(Translation translation) {
    return Objects.requireNonNull(
            translation.verdicts().get(new ResourceRef(Kind.INGRESS, "demo", "many")))
        .problems()
        .toString();
  }

  private static String ingress(int hosts) {
    return """
    apiVersion: networking.k8s.io/v1
    kind: Ingress
    metadata: {name: many, namespace: demo}
    spec:
      ingressClassName: longshore
      rules:
      - host: app.example.com
        http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: chat, port: {number: 3000}}}}]}
      tls:
      - hosts: [app.example.com, %s]
        secretName: missing
    """
        .formatted(
            IntStream.range(0, hosts)
                .mapToObj("h%d.example.com"::formatted)
                .collect(Collectors.joining(", ")));
  }

  @Test
  void aQuotaThatCantBeReadIsTheDefaultAndReported() {
    View view = with(View.EMPTY, CLASS + config("{rules: -1, bytes: much}"));
    Translation translation = translator.translate(view);
    assertThat(
            Objects.requireNonNull(
                    translation
                        .verdicts()
                        .get(new ResourceRef(Kind.LONGSHORE_CONFIG, "", "longshore")))
                .problems())
        .extracting(Problem::fieldPath)
        .containsExactlyInAnyOrder("spec.quotas.rules", "spec.quotas.bytes");
  }

  /** Whatever the way to it, the same view means the same. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void theWayMakesNoDifference(long seed) {
    Random random = new Random(seed);
    View view =
        with(
            View.EMPTY,
            CLASS
                + config("{rules: 12, pools: 6, endpoints: 20, bytes: 6k}")
                + service("a")
                + service("b"));
    List<ResourceRef> present = new ArrayList<>();
    for (int step = 0; step < 60; step++) {
      String namespace = random.nextBoolean() ? "a" : "b";
      switch (random.nextInt(4)) {
        case 0 -> {
          if (!present.isEmpty()) {
            view = view.without(present.remove(random.nextInt(present.size())));
          }
        }
        case 1 -> view = with(view, slice(namespace, random.nextInt(8)));
        default -> {
          String name = "r" + random.nextInt(8);
          ResourceRef ref = new ResourceRef(Kind.WEB_SOCKET_ROUTE, namespace, name);
          present.remove(ref);
          present.add(ref);
          view =
              with(
                  view,
                  route(
                      namespace,
                      name,
                      random.nextInt(5),
                      1 + random.nextInt(3),
                      1 + random.nextInt(4)));
        }
      }
      Translation way = translator.translate(view);
      Translation whole = new Translator(TranslatorOptions.CLUSTER).translate(view);
      assertThat(way.snapshot()).as("step %d", step).isEqualTo(whole.snapshot());
      assertThat(way.verdicts()).as("step %d", step).isEqualTo(whole.verdicts());
      assertThat(way.references()).as("step %d", step).isEqualTo(whole.references());
    }
  }

  private static RuleKey key(String host, String path) {
    return new RuleKey(host, PathType.PREFIX, path, Matches.NONE);
  }

  private static String problems(Translation translation, String namespace, String route) {
    Verdict verdict =
        Objects.requireNonNull(
            translation.verdicts().get(new ResourceRef(Kind.WEB_SOCKET_ROUTE, namespace, route)));
    return verdict.problems().stream()
        .filter(problem -> !problem.reason().equals("NoEndpoints"))
        .map(problem -> problem.reason() + " " + problem.text())
        .collect(Collectors.joining("\n"));
  }

  private static View with(View view, String yaml) {
    View next = view;
    for (HasMetadata resource : Manifests.read(yaml)) {
      next = next.with(resource);
    }
    return next;
  }

  private static String config(String quotas) {
    return """
    apiVersion: longshore.dev/v1alpha1
    kind: LongshoreConfig
    metadata: {name: longshore}
    spec: {quotas: %s}
    ---
    """
        .formatted(quotas);
  }

  private static String service(String namespace) {
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: chat, namespace: %s}
    spec: {ports: [{name: ws, port: 3000}]}
    ---
    """
        .formatted(namespace);
  }

  private static String slice(String namespace, int endpoints) {
    return """
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: chat-1, namespace: %s, labels: {kubernetes.io/service-name: chat}}
    addressType: IPv4
    ports: [{name: ws, port: 3000}]
    endpoints: [%s]
    """
        .formatted(
            namespace,
            IntStream.range(0, endpoints)
                .mapToObj(i -> "{addresses: [10.0.0.%d]}".formatted(1 + i))
                .collect(Collectors.joining(", ")));
  }

  private static String route(String namespace, String name, int age, int hosts, int locations) {
    return """
    apiVersion: longshore.dev/v1alpha1
    kind: WebSocketRoute
    metadata: {name: %s, namespace: %s, creationTimestamp: "2026-11-01T00:%02d:%02dZ"}
    spec:
      hosts: [%s]
      upstreams: [{name: u, service: {name: chat, port: {number: 3000}}}]
      locations: [%s]
    """
        .formatted(
            name,
            namespace,
            age / 60,
            age % 60,
            IntStream.range(0, hosts)
                .mapToObj(
                    i ->
                        "%s-h%d.%sexample.com"
                            .formatted(name, i, namespace.equals("demo") ? "" : namespace + "."))
                .collect(Collectors.joining(", ")),
            IntStream.range(0, locations)
                .mapToObj(i -> "{path: /p%d, upstream: u}".formatted(i))
                .collect(Collectors.joining(", ")));
  }
}
