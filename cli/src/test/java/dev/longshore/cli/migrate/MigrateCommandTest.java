package dev.longshore.cli.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.cli.Longshore;
import dev.longshore.cli.runtime.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
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
  void whatIsNotThereIsSaid() {
    assertThat(run("migrate", folder.resolve("none").toString()).code).isEqualTo(3);
  }
}
