package dev.longshore.cli.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longshore.cli.Longshore;
import dev.longshore.cli.runtime.ExitCode;
import dev.longshore.testkube.KubeApiServer;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What {@code migrate} prints, writes and exits with. */
final class MigrateCommandTest {
  private static final String CHAT =
      """
      apiVersion: networking.k8s.io/v1
      kind: Ingress
      metadata:
        name: chat
        namespace: demo
        annotations:
          kubernetes.io/ingress.class: nginx
          nginx.ingress.kubernetes.io/proxy-read-timeout: "3600"
          nginx.ingress.kubernetes.io/proxy-body-size: 8m
          nginx.ingress.kubernetes.io/upstream-hash-by: "$arg_room"
          nginx.ingress.kubernetes.io/limit-rps: "10"
      spec:
        rules:
        - host: chat.example.com
          http:
            paths:
            - {path: /, pathType: Prefix, backend: {service: {name: chat, port: {number: 80}}}}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: chat, namespace: demo}
      spec: {selector: {app: chat}, ports: [{port: 80}]}
      """;

  private static final String CLOSED =
      """
      ---
      apiVersion: networking.k8s.io/v1
      kind: Ingress
      metadata:
        name: admin
        namespace: demo
        annotations: {nginx.ingress.kubernetes.io/modsecurity-snippet: SecRuleEngine On}
      spec:
        ingressClassName: nginx
        rules:
        - host: admin.example.com
          http:
            paths:
            - {path: /, pathType: Prefix, backend: {service: {name: chat, port: {number: 80}}}}
      ---
      apiVersion: networking.k8s.io/v1
      kind: Ingress
      metadata: {name: other, namespace: demo}
      spec:
        ingressClassName: traefik
        rules: []
      """;

  @TempDir Path folder;

  private record Run(int code, String out) {}

  private static Run run(String... arguments) {
    StringWriter out = new StringWriter();
    CommandLine line = Longshore.commandLine();
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(out));
    return new Run(line.execute(arguments), out.toString());
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  @Test
  void whatIsAsItWasExitsWithZero() throws IOException {
    Run run = run("migrate", file("chat.yaml", CHAT).toString());
    assertThat(run.out)
        .contains("demo/chat   chat.example.com   as it was")
        .contains("1 Ingresses: 1 as they were, 0 changed, 0 with something lost, 0 with rules")
        .contains("longshore.dev/idle-timeout: 1h");
    assertThat(run.code).isZero();
  }

  @Test
  void whatAnswers503ComesFirstAndExitsWithOne() throws IOException {
    Run run = run("migrate", file("all.yaml", CHAT + CLOSED).toString());
    assertThat(run.out)
        .contains("answers 503")
        .contains("  503        metadata.annotations[nginx.ingress.kubernetes.io/modsecurity")
        .contains("left to its own controller: Ingress demo/other");
    assertThat(run.code).isEqualTo(ExitCode.ERRORS);
  }

  @Test
  void anotherClassMovesWhenItIsNamed() throws IOException {
    Run run = run("migrate", "--class", "traefik", file("all.yaml", CHAT + CLOSED).toString());
    assertThat(run.out)
        .contains("left to its own controller: Ingress demo/chat")
        .contains("demo/other");
  }

  @Test
  void writtenIngressesAreServedWithoutAWord() throws IOException {
    Path to = folder.resolve("out");
    Run run = run("migrate", file("chat.yaml", CHAT).toString(), "--write", to.toString());
    assertThat(run.code).isZero();
    String written = Files.readString(to.resolve("demo-chat-ingress.yaml"));
    assertThat(written)
        .contains("ingressClassName: \"longshore\"")
        .contains("longshore.dev/idle-timeout: \"1h\"")
        .contains("longshore.dev/response-timeout: \"1h\"")
        .contains("longshore.dev/hash-on: \"Query:room\"")
        // As many at once has no annotation of its own.
        .contains("nginx.ingress.kubernetes.io/limit-rps: \"10\"")
        .doesNotContain("kubernetes.io/ingress.class")
        .doesNotContain("proxy-read-timeout");
    Files.writeString(to.resolve("service.yaml"), CHAT.substring(CHAT.indexOf("---\n") + 4));
    assertThat(run("check", to.toString())).extracting(Run::code).isEqualTo(0);
  }

  @Test
  void keysOfTheConfigMapHaveAVerdictEach() throws IOException {
    Path map =
        file(
            "map.yaml",
            """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: ingress-nginx-controller, namespace: ingress-nginx}
            data:
              use-forwarded-headers: "true"
              worker-shutdown-timeout: 240s
              enable-modsecurity: "true"
              server-token: "x"
            """);
    Run run =
        run("migrate", file("chat.yaml", CHAT).toString(), "--nginx-configmap", map.toString());
    assertThat(run.out)
        .contains("setting    use-forwarded-headers: true: spec.trustedProxies")
        .contains("no effect  worker-shutdown-timeout")
        .contains("security   enable-modsecurity")
        .contains("no such key: did you mean server-tokens?");
    assertThat(run.code).isEqualTo(ExitCode.ERRORS);
  }

  @Test
  void servicesThatAreNotAmongTheFilesAreTakenAsThere() throws IOException {
    Run run = run("migrate", file("chat.yaml", CHAT.substring(0, CHAT.indexOf("---"))).toString());
    assertThat(run.out).contains("as it was").contains("taken as there: Service demo/chat");
    assertThat(run.code).isZero();
  }

  @Test
  void whoIsAskedForAuthenticationIsTakenAsThereToo() throws IOException {
    String asking =
        CHAT.substring(0, CHAT.indexOf("---"))
            .replace(
                "    nginx.ingress.kubernetes.io/limit-rps: \"10\"\n",
                """
                    nginx.ingress.kubernetes.io/auth-url: http://login.demo.svc.cluster.local:4180/auth
                    nginx.ingress.kubernetes.io/auth-signin: https://$host/start
                    nginx.ingress.kubernetes.io/auth-type: basic
                    nginx.ingress.kubernetes.io/auth-secret: users
                """);
    assertThat(asking).contains("auth-signin");
    Run run = run("migrate", file("chat.yaml", asking).toString());
    assertThat(run.out)
        .contains("demo/chat   chat.example.com   as it was")
        .contains("taken as there: Service demo/chat, Service demo/login");
    assertThat(run.code).isZero();
  }

  @Test
  void programsGetJson() throws IOException {
    Path map =
        file(
            "map.yaml",
            """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: ingress-nginx-controller, namespace: ingress-nginx}
            data: {enable-modsecurity: "true"}
            """);
    Run run =
        run(
            "migrate",
            file("all.yaml", CHAT + CLOSED).toString(),
            "--nginx-configmap",
            map.toString(),
            "-o",
            "json");
    JsonNode root = new ObjectMapper().readTree(run.out);
    assertThat(root.at("/summary").toString())
        .isEqualTo("{\"ingresses\":2,\"served\":1,\"changed\":0,\"lost\":0,\"closed\":1}");
    assertThat(root.at("/ingresses/0/result").asText()).isEqualTo("closed");
    assertThat(root.at("/ingresses/0/findings/0/field").asText()).contains("modsecurity-snippet");
    assertThat(root.at("/ingresses/1/hosts/0").asText()).isEqualTo("chat.example.com");
    assertThat(root.at("/left/0/name").asText()).isEqualTo("other");
    assertThat(root.at("/configMap/0/result").asText()).isEqualTo("security");
    assertThat(run.code).isEqualTo(ExitCode.ERRORS);
  }

  @Test
  void aClusterIsReadAndNothingInItChanges() {
    KubeApiServer server = KubeApiServer.shared();
    String namespace = server.createNamespace("migrate");
    KubernetesClient client = server.admin();
    String to = folder.resolve("out").toString();
    client.load(stream(CHAT.replace("namespace: demo", "namespace: " + namespace))).create();
    client
        .configMaps()
        .inNamespace(namespace)
        .resource(
            new ConfigMapBuilder()
                .withNewMetadata()
                .withName("controller")
                .endMetadata()
                .addToData("enable-modsecurity", "true")
                .build())
        .create();
    String before = version(client, namespace);
    String config = server.kubeconfig().toString();
    Run run = run("migrate", "--kubeconfig", config, "--write", to);
    assertThat(run.out)
        .contains(namespace + "/chat")
        .contains("longshore.dev/idle-timeout: 1h")
        .contains("written: " + to + "/" + namespace + "-chat-ingress.yaml");
    run = run("migrate", "--kubeconfig", config, "--nginx-configmap", namespace + "/controller");
    assertThat(run.out).contains("security   enable-modsecurity");
    assertThat(version(client, namespace)).isEqualTo(before);
    run = run("migrate", "--kubeconfig", config, "--nginx-configmap", namespace + "/none");
    assertThat(run.code).isEqualTo(ExitCode.FAILED);
    assertThat(run.out).contains("there is no ConfigMap " + namespace + "/none");
  }

  private static InputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String version(KubernetesClient client, String namespace) {
    return client
        .network()
        .v1()
        .ingresses()
        .inNamespace(namespace)
        .withName("chat")
        .get()
        .getMetadata()
        .getResourceVersion();
  }

  @Test
  void aClusterThatCantBeReadIsSaid() throws IOException {
    assertThat(run("migrate", "--kubeconfig", folder.resolve("none").toString()))
        .satisfies(run -> assertThat(run.out).contains("there is no kubeconfig"))
        .extracting(Run::code)
        .isEqualTo(ExitCode.FAILED);
    assertThat(run("migrate", "--context", "one").code).isEqualTo(ExitCode.USAGE);
    String config = folder.resolve("config").toString();
    assertThat(run("migrate", "x.yaml", "--kubeconfig", config).code).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void whatIsNotThereIsSaid() {
    assertThat(run("migrate", folder.resolve("none").toString()).code).isEqualTo(3);
  }
}
