package dev.longshore.operator.translate.ingress.nginx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.LocationRule;
import dev.longshore.contract.RuleAction;
import dev.longshore.contract.RuleAction.Forward;
import dev.longshore.contract.SnapshotValidator;
import dev.longshore.contract.policy.Policy;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.Translation;
import dev.longshore.operator.translate.Translator;
import dev.longshore.operator.translate.claim.TranslatorOptions;
import dev.longshore.operator.translate.verdict.Problem;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every annotation's value is data: whatever stands in it, what is made of it is what data planes
 * take, no message has a line of its own, and another host's rules are what they were.
 */
final class HostileValuesTest {
  private static final String PREFIX = "nginx.ingress.kubernetes.io/";

  private static final List<String> VALUES =
      List.of(
          "\n",
          "a\nb",
          "a\r\nX-Injected: b",
          ";",
          "/;return 403;",
          "/}{",
          "\"",
          "/\"; proxy_pass http://elsewhere; #",
          "$",
          "/$0",
          "/$10$11$12$13$14$15",
          "/$1$1$1$1$1$1$1$1$1$1",
          "#",
          "\u0000",
          "\u2028",
          "\ud800",
          "../../etc",
          "/..%2f..",
          "http://169.254.169.254/",
          "other-namespace/secret",
          "999999999999999999999",
          "-1",
          "1e9",
          "(((((",
          "((a*)*)*",
          "a{1000}{1000}",
          "always",
          "true",
          "*",
          "::/0,0.0.0.0/0",
          "x".repeat(64 * 1024),
          "/" + "$1".repeat(32 * 1024),
          "http://chat.other.svc.cluster.local/",
          "http://chat.demo.svc.cluster.local@elsewhere.example/",
          "http://chat.demo.svc\r\nX-Injected: b/",
          "https://a.example.com/\r\nSet-Cookie: a=b",
          "https://a.example.com/{uri}{host}{",
          "https://$host.evil.example$request_uri",
          "https://a.example.com/$arg_x",
          "https://a.example.com" + "/x".repeat(32 * 1024),
          "proxy_set_header X-A ".repeat(3000),
          "a=\"b\";".repeat(10_000));

  private static final String INNOCENT =
      """
      apiVersion: networking.k8s.io/v1
      kind: Ingress
      metadata: {name: innocent, namespace: demo}
      spec:
        ingressClassName: longshore
        rules:
        - host: innocent.example.com
          http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: chat, port: {number: 80}}}}]}
      """;

  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: chat, namespace: demo}
      spec: {ports: [{port: 80}]}
      """;

  private static List<String> names() throws IOException {
    List<String> names = new ArrayList<>();
    try (var lines = Files.lines(Path.of("src/test/resources/ingress-nginx-annotations.txt"))) {
      lines.filter(line -> !line.startsWith("#")).forEach(names::add);
    }
    names.addAll(List.of("limit-rpm", "limit-whitelist", "allowlist-source-range", "rate-limit"));
    return names;
  }

  private static Ingress ingress(Map<String, String> annotations, String path) {
    Ingress ingress =
        Serialization.unmarshal(INNOCENT.replace("innocent", "hostile"), Ingress.class);
    return new IngressBuilder(ingress)
        .editMetadata()
        .withAnnotations(annotations)
        .endMetadata()
        .editSpec()
        .editRule(0)
        .editHttp()
        .editPath(0)
        .withPath(path)
        .withPathType("ImplementationSpecific")
        .endPath()
        .endHttp()
        .endRule()
        .endSpec()
        .build();
  }

  private static Translation translate(Ingress ingress) {
    View view =
        View.EMPTY
            .with(Serialization.unmarshal(SERVICE, io.fabric8.kubernetes.api.model.Service.class))
            .with(Serialization.unmarshal(INNOCENT, Ingress.class))
            .with(ingress);
    return new Translator(TranslatorOptions.STANDALONE).translate(view.trimmed(Translator::reads));
  }

  private static void judge(String what, Ingress ingress) {
    Translation translation = translate(ingress);
    assertThat(SnapshotValidator.validate(translation.snapshot())).as(what).isEmpty();
    translation
        .verdicts()
        .forEach(
            (ref, verdict) -> {
              for (Problem problem : verdict.problems()) {
                assertThat(problem.text()).as(what).doesNotContain("\n").doesNotContain("\r");
              }
            });
    translation
        .snapshot()
        .pools()
        .forEach(
            (key, pool) -> assertThat(pool.endpoints().namespace()).as(what).isEqualTo("demo"));
    translation
        .snapshot()
        .rules()
        .forEach(
            (key, rule) -> {
              assertThat(key.host()).as(what).isNotEqualTo("*");
              ofItsOwn(what, rule);
              if (key.host().startsWith("innocent")) {
                assertThat(rule.source().name()).as(what).isEqualTo("innocent");
                assertThat(rule.action()).as(what).isInstanceOf(Forward.class);
                Policy policy =
                    translation.snapshot().policies().get(((Forward) rule.action()).policy());
                assertThat(policy).as(what).isNotNull();
              }
            });
  }

  /** Nobody gets to a Service of another namespace. */
  private static void ofItsOwn(String what, LocationRule rule) {
    if (rule.action() instanceof RuleAction.Forward forward) {
      forward
          .backends()
          .forEach(backend -> assertThat(backend.pool().namespace()).as(what).isEqualTo("demo"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/a(/|$)(.*)"})
  void everyValueOfEveryNameIsData(String path) throws IOException {
    for (String name : names()) {
      for (String value : VALUES) {
        Map<String, String> annotations = new TreeMap<>();
        annotations.put(PREFIX + name, value);
        if (name.startsWith("canary-")) {
          annotations.put(PREFIX + "canary", "true");
        }
        // Beside what they are a part of: by themselves they say nothing.
        if (name.startsWith("cors-")) {
          annotations.put(PREFIX + "enable-cors", "true");
        }
        if (name.startsWith("auth-")) {
          annotations.putIfAbsent(PREFIX + "auth-url", "http://chat.demo.svc.cluster.local/a");
          annotations.putIfAbsent(PREFIX + "auth-type", "basic");
          annotations.putIfAbsent(PREFIX + "auth-secret", "users");
        }
        if (name.endsWith("-redirect-code")) {
          annotations.put(PREFIX + name.replace("-code", ""), "https://a.example.com/");
        }
        if (name.startsWith("session-cookie")) {
          annotations.put(PREFIX + "affinity", "cookie");
        }
        judge(
            name + "=" + (value.length() > 40 ? value.substring(0, 40) : value),
            ingress(annotations, path));
      }
    }
  }

  @Test
  void manyAtOnceAreData() throws IOException {
    List<String> names = names();
    for (long seed = 1; seed <= 150; seed++) {
      Random random = new Random(seed);
      Map<String, String> annotations = new TreeMap<>();
      for (int i = 0; i < 12; i++) {
        annotations.put(
            PREFIX + names.get(random.nextInt(names.size())),
            VALUES.get(random.nextInt(VALUES.size() - 4)));
      }
      judge("seed " + seed, ingress(annotations, random.nextBoolean() ? "/" : "/a/(.*)"));
    }
  }
}
