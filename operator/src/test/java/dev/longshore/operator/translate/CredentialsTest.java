package dev.longshore.operator.translate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.HardLimits;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.SnapshotCodec;
import dev.longshore.contract.SnapshotValidator;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.claim.TranslatorOptions;
import dev.longshore.operator.translate.verdict.Verdict;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Certificates of upstreams: each content once, and no more of them than a bound. */
class CredentialsTest {
  private static final int PER_BUNDLE = 60;
  private static final byte[] CERTIFICATE = der();

  private final Translator translator = new Translator(TranslatorOptions.STANDALONE);

  @Test
  void theSameContentIsThereOnceWhoeverHasItInWhateverOrder() throws Exception {
    View view = View.EMPTY;
    for (String namespace : List.of("a", "b")) {
      for (int bundle = 0; bundle < 4; bundle++) {
        view = view.with(bundle(namespace, bundle));
      }
      view = with(view, route(namespace, "ordered", 64, upstream -> List.of(0, 1, 2, 3)));
      view = with(view, route(namespace, "reversed", 64, upstream -> List.of(3, 2, 1, 0, 0)));
    }
    RoutingSnapshot snapshot = translator.translate(view).snapshot();
    assertThat(SnapshotValidator.validate(snapshot)).isEmpty();
    assertThat(snapshot.pools().size()).isEqualTo(256);
    assertThat(snapshot.credentials().size()).isEqualTo(1);
    byte[] written = SnapshotCodec.write(snapshot);
    assertThat(written.length).isLessThan(2 * HardLimits.TRUSTED_CHARS);
    assertThat(SnapshotCodec.readSnapshot(written)).isEqualTo(snapshot);
  }

  @Test
  void whatAReplacedBundleWasIsNotKept() {
    View view = View.EMPTY.with(bundle("a", 0));
    view = with(view, route("a", "chat", 2, upstream -> List.of(0)));
    String before = translator.translate(view).snapshot().credentials().iterator().next().getKey();
    view = view.with(named("bundle-0", "a", 7));
    RoutingSnapshot after = translator.translate(view).snapshot();
    assertThat(after.credentials().size()).isEqualTo(1);
    assertThat(after.credentials().get(before)).isNull();
  }

  @Test
  void moreThanAnUpstreamMayHaveIsItsOwnFault() {
    View view = View.EMPTY;
    for (int bundle = 0; bundle < 8; bundle++) {
      view = view.with(bundle("a", bundle));
    }
    view = with(view, route("a", "all", 1, upstream -> List.of(0, 1, 2, 3, 4, 5, 6, 7)));
    view = with(view, route("a", "some", 1, upstream -> List.of(0, 1)));
    Translation translation = translator.translate(view);
    assertThat(SnapshotValidator.validate(translation.snapshot())).isEmpty();
    assertThat(problems(translation, "all"))
        .contains("InvalidCertificate spec.upstreams[0].tls.caCertificateRefs: come to 480 certif")
        .contains("at most 512 of 262,144");
    assertThat(problems(translation, "some")).doesNotContain("InvalidCertificate");
  }

  /** 64 upstreams with bundles in as many selections: each would be another text. */
  @Test
  void aResourceStopsBeforeItsSelectionsFillTheMemory() {
    View view = View.EMPTY;
    for (int bundle = 0; bundle < 12; bundle++) {
      view = view.with(bundle("a", bundle));
    }
    view =
        with(
            view,
            route(
                "a",
                "wide",
                64,
                upstream ->
                    IntStream.range(0, 4)
                        .map(i -> (upstream + i * (1 + upstream / 12)) % 12)
                        .boxed()
                        .toList()));
    Translation translation = translator.translate(view);
    assertThat(SnapshotValidator.validate(translation.snapshot())).isEmpty();
    int[] held = {0};
    translation.snapshot().credentials().forEach((id, each) -> held[0] += each.content().length());
    assertThat(held[0]).isPositive().isLessThanOrEqualTo(HardLimits.CREDENTIALS_PER_RESOURCE);
    assertThat(problems(translation, "wide"))
        .contains("come with those of the other upstreams to more than 1,048,576 characters");
  }

  /** Of those that have the issuer's name an endpoint's certificate is tried against each. */
  @Test
  void moreOfOneNameThanAnAuthorityEverHasAreItsOwnFault() {
    View view = View.EMPTY;
    for (int bundle = 0; bundle < 2; bundle++) {
      int first = bundle * 10;
      String pem =
          IntStream.range(first, first + 10)
              .mapToObj(i -> certificate(i, "same"))
              .collect(Collectors.joining());
      view = view.with(bundle("bundle-" + bundle, "a", pem));
    }
    view = with(view, route("a", "many", 1, upstream -> List.of(0, 1)));
    view = with(view, route("a", "few", 1, upstream -> List.of(0)));
    Translation translation = translator.translate(view);
    assertThat(problems(translation, "many"))
        .contains("InvalidCertificate spec.upstreams[0].tls.caCertificateRefs: have more than 16")
        .contains("cn=same");
    assertThat(problems(translation, "few")).doesNotContain("InvalidCertificate");
  }

  private static String problems(Translation translation, String route) {
    Verdict verdict =
        Objects.requireNonNull(
            translation.verdicts().get(new ResourceRef(Kind.WEB_SOCKET_ROUTE, "a", route)));
    return verdict.problems().stream()
        .map(problem -> problem.reason() + " " + problem.text())
        .collect(Collectors.joining("\n"));
  }

  private static ConfigMap bundle(String namespace, int bundle) {
    return named("bundle-" + bundle, namespace, bundle);
  }

  private static ConfigMap named(String name, String namespace, int content) {
    return bundle(
        name,
        namespace,
        IntStream.range(0, PER_BUNDLE)
            .map(i -> content * PER_BUNDLE + i)
            .mapToObj(i -> certificate(i, "%04x".formatted(i)))
            .collect(Collectors.joining()));
  }

  private static ConfigMap bundle(String name, String namespace, String pem) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(namespace)
        .endMetadata()
        .addToData("ca.crt", pem)
        .build();
  }

  /**
   * Another serial number makes another certificate; nobody verifies those that are trusted.
   *
   * @param name four letters, the subject's common name
   */
  private static String certificate(int serial, String name) {
    byte[] der = CERTIFICATE.clone();
    // Certificate, TBSCertificate, version, and then the serial number of 20 octets.
    int at = 4 + 4 + 5 + 2 + 10;
    der[at] = (byte) (serial >> 8);
    der[at + 1] = (byte) serial;
    // Behind the issuer's common name comes the subject's.
    byte[] old = "test".getBytes(StandardCharsets.US_ASCII);
    byte[] own = name.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(own, 0, der, indexOf(der, old, 1 + indexOf(der, old, 0)), own.length);
    return "-----BEGIN CERTIFICATE-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END CERTIFICATE-----\n";
  }

  private static int indexOf(byte[] bytes, byte[] wanted, int from) {
    int at = from;
    while (!Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
      at++;
    }
    return at;
  }

  private static byte[] der() {
    try {
      String pem =
          Files.readString(Path.of("src/test/resources/tls/ec.crt"), StandardCharsets.UTF_8);
      return Base64.getMimeDecoder()
          .decode(pem.replace("-----BEGIN CERTIFICATE-----", "").replaceAll("-----END.*\\s*", ""));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static View with(View view, String yaml) {
    View next = view;
    for (HasMetadata resource : Manifests.read(yaml)) {
      next = next.with(resource);
    }
    return next;
  }

  private interface Selection {
    List<Integer> of(int upstream);
  }

  private static String route(String namespace, String name, int upstreams, Selection bundles) {
    StringBuilder yaml = new StringBuilder();
    yaml.append(
        """
        apiVersion: v1
        kind: Service
        metadata: {name: chat, namespace: %1$s}
        spec: {ports: [{name: ws, port: 3000}]}
        ---
        apiVersion: longshore.dev/v1alpha1
        kind: WebSocketRoute
        metadata: {name: %2$s, namespace: %1$s}
        spec:
          hosts: [%2$s.%1$s.example.com]
          upstreams:
        """
            .formatted(namespace, name));
    for (int i = 0; i < upstreams; i++) {
      yaml.append("  - name: u%d\n    protocol: wss\n".formatted(i));
      yaml.append("    service: {name: chat, port: {number: 3000}}\n    tls:\n");
      yaml.append("      caCertificateRefs:\n");
      bundles
          .of(i)
          .forEach(
              bundle ->
                  yaml.append("      - {kind: ConfigMap, name: bundle-%d}\n".formatted(bundle)));
    }
    yaml.append("  locations:\n");
    for (int i = 0; i < upstreams; i++) {
      yaml.append("  - {path: /p%d, upstream: u%d}\n".formatted(i, i));
    }
    return yaml.toString();
  }
}
