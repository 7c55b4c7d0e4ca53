package dev.longshore.operator.translate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.LocationRule;
import dev.longshore.contract.RuleAction.Forward;
import dev.longshore.contract.RuleAction.Unavailable;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.folder.FolderReading;
import dev.longshore.operator.source.folder.FolderSource;
import dev.longshore.operator.translate.claim.TranslatorOptions;
import dev.longshore.operator.translate.verdict.ConditionType;
import dev.longshore.operator.translate.verdict.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a resource that could only be read in part. */
final class RefusedTest {
  private static final String ROUTE =
      """
      apiVersion: longshore.dev/v1alpha1
      kind: WebSocketRoute
      metadata: {name: NAME}
      spec:
        hosts: [chat.example.com]
        upstreams: [{name: pool, endpoints: [{address: 127.0.0.1, port: 3000}]}]
        locations: [{path: PATH, pathType: Prefix, upstream: pool, POLICY}]
      """;

  private static String route(String name, String path, String policy) {
    return ROUTE.replace("NAME", name).replace("PATH", path).replace("POLICY", policy);
  }

  @TempDir Path folder;
  private final Translator translator = new Translator(TranslatorOptions.STANDALONE);

  private Map<String, LocationRule> rules() throws IOException {
    Map<String, LocationRule> rules = new TreeMap<>();
    try (FolderSource source = new FolderSource(folder)) {
      FolderReading reading = source.read();
      for (var rule : translator.translate(reading.view()).snapshot().rules()) {
        rules.put(rule.getKey().path(), rule.getValue());
      }
    }
    return rules;
  }

  @Test
  void itsRulesAnswer503SoThatNoLaxerRuleTakesTheirTraffic() throws IOException {
    Files.writeString(folder.resolve("a.yaml"), route("all", "/", "policy: {}"));
    Files.writeString(
        folder.resolve("b.yaml"),
        route("admin", "/admin", "policy: {acess: {allow: [10.0.0.1/32]}}"));
    Map<String, LocationRule> rules = rules();

    assertThat(Objects.requireNonNull(rules.get("/")).action()).isInstanceOf(Forward.class);
    assertThat(Objects.requireNonNull(rules.get("/admin")).action())
        .isInstanceOfSatisfying(
            Unavailable.class,
            unavailable -> {
              assertThat(unavailable.reason()).isEqualTo("Invalid");
              assertThat(unavailable.message()).contains("acess: unknown field");
            });

    Files.writeString(
        folder.resolve("b.yaml"),
        route("admin", "/admin", "policy: {access: {allow: [10.0.0.1/32]}}"));
    assertThat(Objects.requireNonNull(rules().get("/admin")).action()).isInstanceOf(Forward.class);
  }

  @Test
  void withoutTheDefaultsThatAConfigMeantRulesAnswer503() throws IOException {
    String config =
        """
        apiVersion: longshore.dev/v1alpha1
        kind: LongshoreConfig
        metadata: {name: shared}
        spec: {defaults: {policy: {access: {allow: [10.0.0.1/32]}}}}
        """;
    Files.writeString(folder.resolve("a.yaml"), route("all", "/", "policy: {}"));
    for (String typo :
        new String[] {config.replace("allow", "alow"), config.replace("defaults", "default")}) {
      Files.writeString(folder.resolve("config.yaml"), typo);
      assertThat(Objects.requireNonNull(rules().get("/")).action())
          .isInstanceOfSatisfying(
              Unavailable.class,
              unavailable -> assertThat(unavailable.message()).contains("did you mean"));
    }

    Files.writeString(
        folder.resolve("config.yaml"),
        config.replace("spec: {", "spec: {processDrain: {delay: 5}, "));
    assertThat(Objects.requireNonNull(rules().get("/")).action())
        .as("another field that can't be read takes nothing down")
        .isInstanceOf(Forward.class);

    Files.writeString(folder.resolve("config.yaml"), config);
    assertThat(Objects.requireNonNull(rules().get("/")).action()).isInstanceOf(Forward.class);
  }

  @Test
  void itTakesNothingFromOthers() throws IOException {
    Files.writeString(folder.resolve("a.yaml"), route("a", "/", "polcy: {}"));
    Files.writeString(folder.resolve("b.yaml"), route("b", "/", "policy: {}"));

    LocationRule rule = Objects.requireNonNull(rules().get("/"));
    assertThat(rule.action()).isInstanceOf(Forward.class);
    assertThat(rule.source().name()).isEqualTo("b");
  }

  @Test
  void itsVerdictSaysWhy() throws IOException {
    Files.writeString(folder.resolve("a.yaml"), route("a", "/", "polcy: {}"));
    try (FolderSource source = new FolderSource(folder)) {
      Verdict verdict =
          Objects.requireNonNull(
              translator
                  .translate(source.read().view())
                  .verdicts()
                  .get(new ResourceRef(Kind.WEB_SOCKET_ROUTE, "default", "a")));
      assertThat(verdict.condition(ConditionType.ACCEPTED))
          .hasValueSatisfying(
              accepted -> {
                assertThat(accepted.status()).isFalse();
                assertThat(accepted.message()).contains("did you mean policy?");
              });
    }
  }
}
