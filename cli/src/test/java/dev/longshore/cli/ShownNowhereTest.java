package dev.longshore.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import dev.longshore.api.v1alpha1.WebSocketRoute;
import dev.longshore.operator.Operator;
import dev.longshore.operator.pki.PlaceholderCertificate;
import dev.longshore.proxy.DataPlane;
import dev.longshore.testkube.KubeApiServer;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * What is secret in a cluster's objects is in no status, Event, page or log, whether it is served
 * or wrong. The same for what clients send, and for a folder: e2e/tests/secrets.test.mjs.
 */
final class ShownNowhereTest {
  private static final String PLANTED = "pl4nted-header-of-a-secret";
  private static final String WRONG = "pl4nted-second-line";
  private static final String LITERAL = "pl4nted-literal-header";
  private static final String MATCHED = "pl4nted-condition";
  private static final String MATCH = "{name: X-Token, value: " + MATCHED + "}";
  private static final String SNIPPET = "pl4nted-annotation";
  private static final String GARBLED = "pl4nted-garbled-key";

  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final Logger root = (Logger) LoggerFactory.getLogger("dev.longshore");
  private final Level before = root.getLevel();

  @BeforeEach
  void listen() {
    log.start();
    root.setLevel(Level.DEBUG);
    root.addAppender(log);
  }

  @AfterEach
  void stop() {
    root.detachAppender(log);
    root.setLevel(before);
    log.stop();
  }

  @Test
  void whatIsSecretIsInNothingThatIsShown(@TempDir Path folder) throws Exception {
    KubeApiServer server = KubeApiServer.shared();
    PlaceholderCertificate pair = PlaceholderCertificate.of(List.of("chat.example.com"));
    try (Stage stage = new Stage(server, folder)) {
      stage.apply(stage.service("echo"));
      stage.apply(secret(stage, "good", Map.of("token", "Bearer " + PLANTED)));
      stage.apply(secret(stage, "lines", Map.of("token", "a\nX: " + WRONG)));
      stage.apply(tls(stage, "tls", pair.chain(), pair.key()));
      String garbled = "-----BEGIN PRIVATE KEY-----\n" + GARBLED + "\n-----END PRIVATE KEY-----\n";
      stage.apply(tls(stage, "garbled", pair.chain(), garbled));
      stage.apply(stage.route("good", "echo") + header("good") + tls("tls", stage.host("good")));
      stage.apply(stage.route("lines", "echo") + header("lines"));
      stage.apply(stage.route("garbled", "echo") + tls("garbled", stage.host("garbled")));
      stage.apply(
          stage
                  .route("literal", "echo")
                  .replace("upstream: main}", "upstream: main, match: {headers: [" + MATCH + "]}}")
              + "  policy: {headers: {request: {set: [{name: X-Api-Key, value: %s}]}}}\n"
                  .formatted(LITERAL));
      stage.apply(ingress(stage));
      stage.dataPlanes("node-1");
      Operator operator = stage.operator("operator");
      DataPlane dataPlane = stage.dataPlane("node-1", Stage.port(operator));
      stage.awaitProgrammed("good");
      stage.awaitProgrammed("literal");
      stage.awaitCondition("lines", "ResolvedRefs", like -> "InvalidSecret".equals(like.reason()));
      stage.awaitCondition(
          "garbled", "ResolvedRefs", like -> "InvalidCertificate".equals(like.reason()));
      Stage.patience().until(() -> events(server, stage), text -> text.contains("InvalidSecret"));

      List<String> secrets =
          new ArrayList<>(
              List.of(
                  PLANTED,
                  WRONG,
                  LITERAL,
                  MATCHED,
                  SNIPPET,
                  GARBLED,
                  pair.key().lines().toList().get(1),
                  stage.token("node-1")));
      server
          .admin()
          .secrets()
          .inNamespace(stage.system())
          .list()
          .getItems()
          .forEach(
              own ->
                  own.getData()
                      .forEach(
                          (name, data) -> {
                            // Certificates and what is told by them are for everybody.
                            if (!name.endsWith(".crt")) {
                              secrets.add(data);
                            }
                          }));
      assertThat(secrets)
          .as("with the keys of affinity and of the authority")
          .hasSizeGreaterThan(9);

      Map<String, String> shown = new TreeMap<>();
      for (String page : List.of("/config", "/connections", "/endpoints", "/metrics")) {
        shown.put("data plane's " + page, Stage.page(dataPlane.boundAdmin(), page));
      }
      shown.put("data plane's readiness", Stage.readiness(dataPlane));
      for (String page : List.of("/metrics", "/readyz", "/livez", "/config", "/dataplanes")) {
        shown.put("operator's " + page, Stage.page(operator.metricsAddress(), page));
      }
      shown.put("Events", events(server, stage));
      server
          .admin()
          .resources(WebSocketRoute.class)
          .inNamespace(stage.demo())
          .list()
          .getItems()
          .forEach(
              route -> {
                String name = route.getMetadata().getName();
                shown.put("status of " + name, Serialization.asYaml(route.getStatus()));
                shown.put("text of " + name, String.valueOf(route.getSpec()));
              });
      server
          .admin()
          .resources(Ingress.class)
          .inNamespace(stage.demo())
          .list()
          .getItems()
          .forEach(one -> shown.put("Ingress", Serialization.asYaml(one.getStatus())));
      shown.put("log", logged());
      assertThat(shown.get("data plane's /config")).contains("[redacted]");
      shown.forEach(
          (where, text) ->
              secrets.forEach(
                  secret ->
                      forms(secret)
                          .forEach(
                              form ->
                                  assertThat(text.contains(form))
                                      .as("%s shows %s:%n%s", where, secret, text)
                                      .isFalse())));
    }
  }

  /** A secret as it stands, in hexadecimal, and in base64 at each offset. */
  private static List<String> forms(String secret) {
    byte[] bytes = secret.getBytes(UTF_8);
    List<String> forms = new ArrayList<>(List.of(secret, HexFormat.of().formatHex(bytes)));
    for (int offset = 0; offset < 3; offset++) {
      byte[] shifted = new byte[offset + bytes.length];
      System.arraycopy(bytes, 0, shifted, offset, bytes.length);
      String all = Base64.getEncoder().withoutPadding().encodeToString(shifted);
      // The characters at both ends depend on what is beside.
      forms.add(all.substring(offset == 0 ? 0 : offset + 1, all.length() - 2));
    }
    return forms;
  }

  private String logged() {
    StringBuilder text = new StringBuilder();
    for (ILoggingEvent event : List.copyOf(log.list)) {
      text.append(event.getFormattedMessage()).append('\n');
      if (event.getThrowableProxy() != null) {
        text.append(ThrowableProxyUtil.asString(event.getThrowableProxy())).append('\n');
      }
    }
    return text.toString();
  }

  private static String events(KubeApiServer server, Stage stage) {
    return Serialization.asYaml(server.admin().v1().events().inNamespace(stage.demo()).list());
  }

  private static String secret(Stage stage, String name, Map<String, String> data) {
    StringBuilder yaml =
        new StringBuilder(
            """
            apiVersion: v1
            kind: Secret
            type: Opaque
            metadata: {name: %s, namespace: %s}
            data:
            """
                .formatted(name, stage.demo()));
    data.forEach((key, value) -> yaml.append("  ").append(key).append(": ").append(base64(value)));
    return yaml.append('\n').toString();
  }

  private static String tls(Stage stage, String name, String chain, String key) {
    return """
    apiVersion: v1
    kind: Secret
    type: kubernetes.io/tls
    metadata: {name: %s, namespace: %s}
    data: {tls.crt: %s, tls.key: %s}
    """
        .formatted(name, stage.demo(), base64(chain), base64(key));
  }

  private static String header(String secret) {
    return "  policy: {headers: {request: {set: [{name: Authorization, valueFrom: {secretKeyRef:"
        + " {name: %s, key: token}}}]}}}\n".formatted(secret);
  }

  private static String tls(String secret, String host) {
    return "  tls: [{hosts: [%s], secretName: %s}]\n".formatted(host, secret);
  }

  private static String ingress(Stage stage) {
    return """
    apiVersion: networking.k8s.io/v1
    kind: Ingress
    metadata:
      name: foreign
      namespace: %s
      annotations:
        nginx.ingress.kubernetes.io/configuration-snippet: 'proxy_set_header Authorization "%s";'
        nginx.ingress.kubernetes.io/auth-url: https://user:%s@auth.example.com/
    spec:
      ingressClassName: longshore
      rules:
      - host: foreign.example.com
        http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: echo, port: {number: 80}}}}]}
    """
        .formatted(stage.demo(), SNIPPET, SNIPPET);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }
}
