package dev.longshore.cli.check;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longshore.cli.Longshore;
import dev.longshore.cli.runtime.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command as a shell would run it: arguments in, text and exit code out. */
final class CheckCommandTest {
  private static final String ROUTE =
      """
      apiVersion: longshore.dev/v1alpha1
      kind: WebSocketRoute
      metadata: {name: chat, namespace: demo}
      spec:
        hosts: [a.example.com, b.example.com, c.example.com, d.example.com]
        upstreams: [{name: pool, endpoints: [{address: 127.0.0.1, port: 3000}]}]
        locations:
        - {path: /, pathType: Prefix, upstream: pool}
      """;

  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... args) {
    CommandLine line = Longshore.commandLine();
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    return line.execute(args);
  }

  private String save(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text).toString();
  }

  @Test
  void servedAsWrittenIsZero() throws IOException {
    assertThat(run("check", save("a.yaml", ROUTE))).isZero();
    assertThat(out.toString().lines())
        .containsExactly(
            "KIND             NAMESPACE/NAME   HOSTS                                             "
                + " ACCEPTED   RESOLVED   ENDPOINTS   PROGRAMMED",
            "WebSocketRoute   demo/chat        a.example.com,b.example.com,c.example.com,1 more  "
                + " True       True       True        -");
  }

  @Test
  void anErrorOfTheManifestIsOne() throws IOException {
    assertThat(run("check", save("a.yaml", ROUTE.replace("upstreams:", "upstream:")))).isEqualTo(1);
    assertThat(out.toString())
        .contains("spec.upstream: unknown field; did you mean upstreams?")
        .contains("a.yaml:6:3: error: WebSocketRoute demo/chat");
  }

  @Test
  void anErrorOfTheTranslatorIsOneAndHasItsLine() throws IOException {
    save("a.yaml", "# first\n" + ROUTE.replace("upstream: pool}", "upstream: poll}"));
    assertThat(run("check", folder.toString())).isEqualTo(1);
    assertThat(out.toString())
        .contains("a.yaml:9:33: warning: WebSocketRoute demo/chat: spec.locations[0].upstream: ");
  }

  @Test
  void usersAndKeysThatNobodyCommitsAreTakenAsThere() throws IOException {
    String users = "  policy: {auth: {basic: {secretName: users}}}\n";
    save("basic.yaml", ROUTE + users);
    assertThat(run("check", folder.toString())).as(out.toString()).isZero();
    assertThat(out.toString()).contains("taken as made in the cluster: Secret demo/users");
    for (String kind : List.of("ConfigMap", "Secret")) {
      String keys = "  policy: {auth: {jwt: {jwks: {kind: %s, name: keys}}}}\n".formatted(kind);
      save("basic.yaml", ROUTE + keys);
      assertThat(run("check", folder.toString())).as(out.toString()).isZero();
      assertThat(run("check", "--strict", folder.toString())).isEqualTo(1);
    }
  }

  @Test
  void aMissingCertificateIsForAllHostsThatNameItsSecret() throws IOException {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < 600; i++) {
      // Every other one has TLS without hosts, which is for the hosts of the rules.
      all.append(
          """
          ---
          apiVersion: networking.k8s.io/v1
          kind: Ingress
          metadata: {name: web-NUMBER}
          spec:
            ingressClassName: longshore
            tls: [{secretName: team-tls, hosts: [HOSTS]}]
            rules:
            - host: tenant-number-NUMBER.apps.example.com
              http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
          """
              .replace("HOSTS", i % 2 == 0 ? "" : "tenant-number-NUMBER.apps.example.com")
              .replace("NUMBER", Integer.toString(i)));
    }
    save("ingresses.yaml", all.toString());
    save(
        "service.yaml",
        "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
            + "spec: {selector: {app: web}, ports: [{port: 80}]}\n");

    int code = run("check", folder.toString());

    assertThat(out.toString()).doesNotContain("warning:").contains("Secret default/team-tls");
    assertThat(code).isZero();
  }

  @Test
  void jsonSaysTheSame() throws IOException {
    save("a.yaml", ROUTE.replace("upstream: pool}", "upstream: poll}"));
    save("b.yaml", "kind: {");
    assertThat(run("check", "-o", "json", folder.toString())).isEqualTo(1);

    JsonNode json = new ObjectMapper().readTree(out.toString());
    assertThat(json.at("/resources/0/name").asText()).isEqualTo("chat");
    assertThat(json.at("/resources/0/at").asText()).isEqualTo("a.yaml:1:1");
    assertThat(json.at("/resources/0/problems/0/at").asText()).isEqualTo("a.yaml:8:33");
    assertThat(json.at("/manifestProblems/0/severity").asText()).isEqualTo("Error");
  }

  @Test
  void theSamplesAreServedAsWritten() {
    Path samples = Path.of("").toAbsolutePath().resolveSibling("deploy").resolve("samples");
    assertThat(run("check", samples.toString())).as(out.toString()).isZero();
    assertThat(out.toString().lines()).as("headings and a line each").hasSize(4);
  }

  private static final String AS_IN_GIT =
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web}
      spec: {template: {spec: {containers: [{name: web, image: web}]}}}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: web}
      spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
      ---
      apiVersion: networking.k8s.io/v1
      kind: Ingress
      metadata: {name: web, annotations: {cert-manager.io/cluster-issuer: letsencrypt}}
      spec:
        ingressClassName: longshore
        tls: [{hosts: [a.example.com], secretName: web-tls}]
        rules:
        - host: a.example.com
          http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
      """;

  @Test
  void whatTheClusterMakesIsANote() throws IOException {
    save("a.yaml", AS_IN_GIT);
    assertThat(run("check", folder.toString())).as(out.toString()).isZero();
    assertThat(out.toString().lines().filter(line -> line.contains("note:")))
        .containsExactly(
            "note: not among the files, and taken as made in the cluster: the endpoints of Service"
                + " default/web, Secret default/web-tls (--strict counts them as missing)");
    assertThat(out.toString()).doesNotContain("warning", "error", "False");
  }

  @Test
  void whatTheClusterDoesNotMakeIsStillWrong() throws IOException {
    save("a.yaml", AS_IN_GIT.replace("selector: {app: web}, ", ""));
    assertThat(run("check", folder.toString())).isEqualTo(1);
    assertThat(out.toString()).contains("NoEndpoints").doesNotContain("SecretNotFound");
  }

  @Test
  void strictTakesTheFilesForAllThereIs() throws IOException {
    save("a.yaml", AS_IN_GIT);
    assertThat(run("check", "--strict", folder.toString())).isEqualTo(1);
    assertThat(out.toString()).contains("SecretNotFound", "NoEndpoints").doesNotContain("note:");
  }

  @Test
  void strictCountsWhatIsAnotherControllers() throws IOException {
    save(
        "all.yaml",
        """
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: web}
        spec: {ingressClassName: nginx, defaultBackend: {service: {name: web, port: {number: 80}}}}
        """);
    assertThat(run("check", folder.toString())).isZero();
    assertThat(out.toString()).contains("note: Ingress default/web").contains("(NotServed)");
    assertThat(run("check", "--strict", folder.toString())).isEqualTo(1);
  }

  @Test
  void strictCountsWarningsOfManifests() throws IOException {
    save("a.yaml", ROUTE.replace("spec:", "spec: {}\nspec:"));
    assertThat(run("check", folder.toString())).isZero();
    assertThat(out.toString()).contains("warning: WebSocketRoute demo/chat: the key spec");
    assertThat(run("check", "--strict", folder.toString())).isEqualTo(1);
  }

  @Test
  void wrongUsageIsTwoAndNothingToReadIsThree() {
    assertThat(run("check")).isEqualTo(ExitCode.USAGE);
    assertThat(run("chek", "x")).isEqualTo(ExitCode.USAGE);
    assertThat(run("check", folder.resolve("gone").toString())).isEqualTo(ExitCode.FAILED);
    assertThat(err.toString()).contains("there is no file or folder").doesNotContain("\tat ");
  }
}
