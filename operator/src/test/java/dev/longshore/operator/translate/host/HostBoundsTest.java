package dev.longshore.operator.translate.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.HardLimits;
import dev.longshore.contract.PathType;
import dev.longshore.contract.SnapshotValidator;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.Manifests;
import dev.longshore.operator.translate.Translation;
import dev.longshore.operator.translate.Translator;
import dev.longshore.operator.translate.claim.TranslatorOptions;
import dev.longshore.operator.translate.verdict.ConditionType;
import dev.longshore.operator.translate.verdict.Problem;
import dev.longshore.operator.translate.verdict.Verdict;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the rules of one host may cost a request together. */
class HostBoundsTest {
  private final Translator translator = new Translator(TranslatorOptions.STANDALONE);
  private View view = View.EMPTY;

  private Translation apply(String manifest) {
    for (HasMetadata resource : Manifests.read(manifest)) {
      view = view.with(resource);
    }
    Translation translation = translator.translate(view);
    assertThat(SnapshotValidator.validate(translation.snapshot()))
        .as("whatever is translated, no data plane refuses")
        .isEmpty();
    return translation;
  }

  private static String route(String name, int year, int locations, IntFunction<String> location) {
    return """
    apiVersion: longshore.dev/v1alpha1
    kind: WebSocketRoute
    metadata: {name: %s, namespace: demo, creationTimestamp: "%d-01-01T00:00:00Z"}
    spec:
      hosts: [chat.example.com]
      upstreams: [{name: u, endpoints: [{address: 127.0.0.1, port: 3000}]}]
      locations:
    """
            .formatted(name, year)
        + IntStream.range(0, locations)
            .mapToObj(i -> "    - {" + location.apply(i) + ", upstream: u}\n")
            .collect(Collectors.joining());
  }

  private static List<Problem> problems(Translation translation, String name) {
    ResourceRef ref = new ResourceRef(Kind.WEB_SOCKET_ROUTE, "demo", name);
    return Objects.requireNonNull(translation.verdicts().get(ref)).problems();
  }

  private static String accepted(Translation translation, String name) {
    Verdict verdict =
        Objects.requireNonNull(
            translation.verdicts().get(new ResourceRef(Kind.WEB_SOCKET_ROUTE, "demo", name)));
    Verdict.Condition accepted = verdict.condition(ConditionType.ACCEPTED).orElseThrow();
    return accepted.status() + " " + accepted.reason();
  }

  private static long rules(Translation translation, PathType type) {
    long[] count = {0};
    translation
        .snapshot()
        .rules()
        .forEach((key, rule) -> count[0] += key.pathType() == type ? 1 : 0);
    return count[0];
  }

  @Test
  void theNewestPatternsBeyondTheHostsBoundAreRefusedAlone() {
    // About 1,000 instructions each.
    IntFunction<String> large = i -> "path: '/%d/(a{0,500})', pathType: Regex".formatted(i);
    apply(route("first", 2020, 10, large));
    Translation both =
        apply(
            route("second", 2021, 20, i -> large.apply(100 + i))
                + "    - {path: /plain, pathType: Prefix, upstream: u}\n");

    assertThat(problems(both, "first")).isEmpty();
    List<Problem> refused = problems(both, "second");
    assertThat(refused)
        .isNotEmpty()
        .allSatisfy(
            problem -> {
              assertThat(problem.reason()).isEqualTo("NotAllowed");
              assertThat(problem.fieldPath()).startsWith("spec.locations[");
              assertThat(problem.message())
                  .contains("16,384 are possible")
                  .endsWith("goes to other rules");
            });
    assertThat(accepted(both, "second")).isEqualTo("true PartiallyInvalid");
    Translation full = apply(route("third", 2022, 2, i -> large.apply(300 + i)));
    assertThat(problems(full, "third")).hasSize(2);
    assertThat(accepted(full, "third")).isEqualTo("false NotAllowed");
    view = view.without(new ResourceRef(Kind.WEB_SOCKET_ROUTE, "demo", "third"));
    assertThat(rules(both, PathType.REGEX)).isEqualTo(30 - refused.size());
    assertThat(rules(both, PathType.PREFIX)).isEqualTo(1);

    // What makes room lets the others in, and a small one still fits.
    Translation less = apply(route("first", 2020, 1, large));
    assertThat(problems(less, "second").size()).isLessThan(refused.size());
    assertThat(rules(less, PathType.REGEX)).isEqualTo(21 - problems(less, "second").size());
  }

  @Test
  void theNewestRulesWithAMatchBeyondThePathsBoundAreRefusedAlone() {
    IntFunction<String> same =
        i -> "path: /, pathType: Prefix, match: {headers: [{name: x-a, value: v%d}]}".formatted(i);
    int most = HardLimits.CONDITIONAL_RULES_PER_PATH;
    apply(route("first", 2020, 100, same));
    Translation both = apply(route("second", 2021, 100, i -> same.apply(1000 + i)));
    assertThat(problems(both, "first")).isEmpty();
    assertThat(problems(both, "second")).hasSize(200 - most);
    assertThat(rules(both, PathType.PREFIX)).isEqualTo(most);
    Translation elsewhere =
        apply(route("second", 2021, 100, i -> same.apply(1000 + i).replace("/,", "/other,")));
    assertThat(problems(elsewhere, "second")).isEmpty();
  }

  /** 20,000 such paths cost a minute, 45,000 the thread. */
  @Test
  void pathsOfOneHashCodeAreAsGoodAsOthers() {
    for (int ingress = 0; ingress < 40; ingress++) {
      StringBuilder manifest =
          new StringBuilder(
              """
              apiVersion: networking.k8s.io/v1
              kind: Ingress
              metadata: {name: i%d, namespace: demo}
              spec:
                ingressClassName: longshore
                rules:
                  - host: chat.example.com
                    http:
                      paths:
              """
                  .formatted(ingress));
      for (int i = 0; i < 500; i++) {
        manifest.append(
            "          - {path: /%s, pathType: Prefix, backend: {service: {name: %s, port: {number: 80}}}}\n"
                .formatted(
                    colliding(ingress * 500 + i, "Aa", "BB"),
                    colliding(ingress * 500 + i, "an", "c0")));
      }
      for (HasMetadata resource : Manifests.read(manifest.toString())) {
        view = view.with(resource);
      }
    }
    Translation translation = apply("");
    assertThat(translation.snapshot().rules().size()).isEqualTo(20_000);
  }

  private static String colliding(int number, String zero, String one) {
    StringBuilder text = new StringBuilder();
    for (int bit = 0; bit < 15; bit++) {
      text.append((number >> bit & 1) == 0 ? zero : one);
    }
    return text.toString();
  }
}
