package dev.longshore.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.operator.pki.PlaceholderCertificate;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An HTTP-01 challenge with the objects that cert-manager makes, in its order: first issue,
 * renewal, and what happens when the certificate breaks in between.
 */
final class AcmeChallengeTest {
  private static final URI APP = URI.create("http://chat.example.com/");
  private static final URI CHALLENGE =
      URI.create("http://chat.example.com/.well-known/acme-challenge/kB7_x-1Q");
  private static final ResourceRef INGRESS = new ResourceRef(Kind.INGRESS, "demo", "chat");
  private static final ResourceRef SOLVER =
      new ResourceRef(Kind.INGRESS, "demo", "cm-acme-http-solver-q7x2k");

  private static final String MANIFESTS =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: chat, namespace: demo}
      spec: {selector: {app: chat}, ports: [{port: 80, targetPort: 8080}]}
      ---
      apiVersion: networking.k8s.io/v1
      kind: Ingress
      metadata:
        name: chat
        namespace: demo
        annotations: {cert-manager.io/cluster-issuer: letsencrypt}
      spec:
        ingressClassName: longshore
        tls: [{hosts: [chat.example.com], secretName: chat-tls}]
        rules:
        - host: chat.example.com
          http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: chat, port: {number: 80}}}}]}
      """;

  /** As pkg/issuer/acme/http of cert-manager makes them. */
  private static final String SOLVER_SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata:
        generateName: cm-acme-http-solver-
        name: cm-acme-http-solver-m2n8z
        namespace: demo
        labels: {acme.cert-manager.io/http01-solver: "true"}
        annotations: {auth.istio.io/8089: NONE}
      spec:
        type: NodePort
        ports: [{name: http, port: 8089, targetPort: 8089}]
        selector: {acme.cert-manager.io/http01-solver: "true"}
      """;

  private static final String SOLVER_INGRESS =
      """
      apiVersion: networking.k8s.io/v1
      kind: Ingress
      metadata:
        generateName: cm-acme-http-solver-
        name: cm-acme-http-solver-q7x2k
        namespace: demo
        labels: {acme.cert-manager.io/http01-solver: "true"}
        annotations: {nginx.ingress.kubernetes.io/whitelist-source-range: "0.0.0.0/0,::/0"}
      spec:
        ingressClassName: longshore
        rules:
        - host: chat.example.com
          http:
            paths:
            - path: /.well-known/acme-challenge/kB7_x-1Q
              pathType: ImplementationSpecific
              backend: {service: {name: cm-acme-http-solver-m2n8z, port: {number: 8089}}}
      """;

  @TempDir Path manifests;
  @TempDir Path folder;

  private static String secret(String chain, String key) {
    return "apiVersion: v1\nkind: Secret\ntype: kubernetes.io/tls\n"
        + "metadata: {name: chat-tls, namespace: demo}\ndata: {tls.crt: \""
        + base64(chain)
        + "\", tls.key: \""
        + base64(key)
        + "\"}\n";
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static void awaitAnswer(ServedFolder served, URI uri, int status) {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(served.get(uri).status()).isEqualTo(status));
  }

  private static void solve(ServedFolder served) throws IOException {
    served.save("solver-service.yaml", SOLVER_SERVICE, INGRESS, serves(served));
    served.save("solver-ingress.yaml", SOLVER_INGRESS, SOLVER, true);
    awaitAnswer(served, CHALLENGE, 200);
    assertThat(served.get(CHALLENGE).body()).isEqualTo("cm-acme-http-solver-m2n8z");
    served.remove("solver-ingress.yaml", SOLVER);
  }

  private static boolean serves(ServedFolder served) {
    var verdict = served.verdicts().get(INGRESS);
    return verdict != null && verdict.serves();
  }

  @Test
  void isAnsweredInTheClearBeforeDuringAndAfter() throws Exception {
    Files.writeString(manifests.resolve("chat.yaml"), MANIFESTS);
    PlaceholderCertificate issued = PlaceholderCertificate.of(List.of("chat.example.com"));
    try (ServedFolder served = ServedFolder.of(manifests, folder)) {
      // First issue: there is no certificate, and nobody is sent to a handshake that fails.
      awaitAnswer(served, APP, 503);
      solve(served);
      awaitAnswer(served, CHALLENGE, 503);

      served.save("secret.yaml", secret(issued.chain(), issued.key()), INGRESS, true);
      awaitAnswer(served, APP, 308);
      assertThat(served.get(APP).location()).startsWith("https://chat.example.com");

      // Renewal, beside a certificate.
      solve(served);
      assertThat(served.get(APP).status()).isEqualTo(308);

      // As while cert-manager holds a Secret for a key only, or somebody has emptied it.
      served.save("secret.yaml", secret("", issued.key()), INGRESS, false);
      awaitAnswer(served, APP, 503);
      solve(served);
    }
  }
}
