package dev.longshore.operator.source.folder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The forms in which people keep manifests: what kubectl takes is taken. */
final class ManifestFormsTest {
  private static final String SERVICE =
      "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  ports:\n"
          + "  - {port: 80, targetPort: %s}\n";

  @TempDir Path folder;

  private FolderReading read(String file, String text) throws IOException {
    return read(file, text, StandardCharsets.UTF_8);
  }

  private FolderReading read(String file, String text, Charset charset) throws IOException {
    Files.writeString(folder.resolve(file), text, charset);
    try (FolderSource source = new FolderSource(folder)) {
      return source.read();
    }
  }

  private static List<String> problems(FolderReading reading) {
    return reading.problems().stream().map(ManifestProblem::toString).toList();
  }

  private static Service service(View view, String name) {
    return Objects.requireNonNull(
        view.services().get(new ResourceRef(Kind.SERVICE, "default", name)), name);
  }

  private static IntOrString targetPort(View view) {
    return service(view, "web").getSpec().getPorts().getFirst().getTargetPort();
  }

  @ParameterizedTest
  @ValueSource(strings = {"8080", "0x1F90", "0x1f90", "0o17620", "017620", "8_080", "8080.0"})
  @ValueSource(strings = {"8.08e3", "+8080", "0b1111110010000"})
  void integersOfYamlInAllTheirForms(String number) throws IOException {
    FolderReading reading = read("a.yaml", SERVICE.formatted(number));

    assertThat(problems(reading)).isEmpty();
    assertThat(targetPort(reading.view())).isEqualTo(new IntOrString(8080));
  }

  @ParameterizedTest
  @CsvSource({"http", "'\"8080\"'"})
  void textStaysText(String text) throws IOException {
    FolderReading reading = read("a.yaml", SERVICE.formatted(text));

    assertThat(problems(reading)).isEmpty();
    assertThat(targetPort(reading.view()).getStrVal()).isEqualTo(text.replace("\"", ""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"8080", "8.08e3", "8080.0"})
  void integersOfJson(String number) throws IOException {
    FolderReading reading =
        read(
            "a.json",
            "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"web\"},"
                + "\"spec\":{\"ports\":[{\"port\":80,\"targetPort\":"
                + number
                + "}]}}");

    assertThat(problems(reading)).isEmpty();
    assertThat(targetPort(reading.view())).isEqualTo(new IntOrString(8080));
  }

  @Test
  void aNumberThatIsTooLargeIsAFaultOfItsField() throws IOException {
    FolderReading reading = read("a.json", service("{\"port\": 123456789012345678901234567890}"));

    assertThat(problems(reading))
        .singleElement()
        .asString()
        .contains("a.json:1:", "spec.ports[0].port: must be an integer");
  }

  private static String service(String port) {
    return "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"web\"},"
        + "\"spec\":{\"ports\":["
        + port
        + "]}}";
  }

  @Test
  void aRepeatedKeyIsTakenAsKubectlTakesItAndNamesTheResource() throws IOException {
    FolderReading reading =
        read(
            "a.yaml",
            SERVICE.formatted("8080")
                + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
                + "data:\n  k: one\n  k: two\n");

    assertThat(reading.hasErrors()).isFalse();
    assertThat(reading.problems())
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.severity()).isEqualTo(ManifestProblem.Severity.WARNING);
              assertThat(problem.resource()).hasToString("ConfigMap default/a");
              assertThat(problem.where()).isEqualTo("a.yaml:13:3");
              assertThat(problem.message()).contains("a line below the first", "the last counts");
            });
    assertThat(
            Objects.requireNonNull(
                    reading
                        .view()
                        .configMaps()
                        .get(new ResourceRef(Kind.CONFIG_MAP, "default", "a")))
                .getData())
        .containsEntry("k", "two");
  }

  @Test
  void aRepeatedKeyOfJsonToo() throws IOException {
    FolderReading reading = read("a.json", service("{\"port\": 1, \"port\": 80}"));

    assertThat(problems(reading)).singleElement().asString().contains("the key port stands here");
    assertThat(service(reading.view(), "web").getSpec().getPorts().getFirst().getPort())
        .isEqualTo(80);
  }

  @Test
  void tabsBetweenTokens() throws IOException {
    FolderReading reading =
        read(
            "a.yaml",
            "apiVersion:\tv1\nkind:\t\tService\nmetadata:\t{name:\tweb}\nspec:\n  ports:\n"
                + "  -\tport: 80\t# a comment\n    name:\t\"a\tb\"\n    targetPort:\t8080\n");

    assertThat(problems(reading)).isEmpty();
    assertThat(targetPort(reading.view())).isEqualTo(new IntOrString(8080));
    assertThat(service(reading.view(), "web").getSpec().getPorts().getFirst().getName())
        .isEqualTo("a\tb");
  }

  @Test
  void byteOrderMarks() throws IOException {
    read("a.json", "\uFEFF" + service("{\"port\": 80}"));
    read("b.yaml", "\uFEFF" + SERVICE.formatted("1").replace("web", "b"));
    FolderReading reading =
        read("c.yaml", SERVICE.formatted("1").replace("web", "c"), StandardCharsets.UTF_16);

    assertThat(problems(reading)).isEmpty();
    assertThat(reading.view().services().size()).isEqualTo(3);
  }

  @Test
  void severalJsonDocumentsInAFile() throws IOException {
    FolderReading reading =
        read(
            "a.json",
            service("{\"port\": 80}")
                + "\n"
                + service("{\"port\": 80}").replace("web", "b")
                + service("{\"port\": 80}").replace("web", "c")
                + "\n{\"apiVersion\": 1}\n");

    assertThat(reading.view().services().size()).isEqualTo(3);
    assertThat(problems(reading)).singleElement().asString().startsWith("a.json:3:");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"...\n", "---\n...\n", "---\n# nothing\n\n...\n...\n", "...\r\n---\r\n...\r\n"})
  void anEndOfADocumentWithNothingInIt(String marker) throws IOException {
    FolderReading reading =
        read("a.yaml", marker + "---\n" + SERVICE.formatted("80") + "...\n" + marker);

    assertThat(problems(reading)).isEmpty();
    assertThat(reading.view().services().size()).isEqualTo(1);
  }

  @Test
  void linesStayThoseOfTheFileBehindSuchAnEnd() throws IOException {
    FolderReading reading =
        read("a.yaml", "# nothing\n...\napiVersion: v1\nkind: Service\nspec: {}\nspec: {}\n");

    assertThat(problems(reading)).anyMatch(problem -> problem.contains("a.yaml:6:1"));
  }

  @Test
  void jsonInAFileThatIsCalledYaml() throws IOException {
    FolderReading reading = read("a.yaml", service("{\n\t\"port\": 80\n}") + "\n---\n" + SERVICE);

    assertThat(service(reading.view(), "web").getSpec().getPorts()).hasSize(1);
  }

  @Test
  void listsOfEveryKindAndListsInLists() throws IOException {
    FolderReading reading =
        read(
            "a.yaml",
            """
            apiVersion: v1
            kind: List
            items:
            - apiVersion: v1
              kind: ServiceList
              metadata: {resourceVersion: "1"}
              items:
              - metadata: {name: a}
                spec: {ports: [{port: 80}]}
              - apiVersion: v1
                kind: Service
                metadata: {name: b}
                spec: {ports: [{port: 80, prot: TCP}]}
            - apiVersion: networking.k8s.io/v1
              kind: IngressList
              items:
              - apiVersion: networking.k8s.io/v1
                kind: Ingress
                metadata: {name: i}
                spec: {defaultBackend: {service: {name: a, port: {number: 80}}}}
            - {apiVersion: apps/v1, kind: DeploymentList, items: []}
            - {apiVersion: longshore.dev/v1alpha1, kind: WebSocketRouteList, items: null}
            """);

    assertThat(problems(reading))
        .containsExactly(
            "a.yaml:13:31: items[0].items[1].spec.ports[0].prot: unknown field; did you mean port?;"
                + " it is not served");
    assertThat(reading.view().services().size()).isEqualTo(1);
    assertThat(reading.view().ingresses().size()).isEqualTo(1);
  }

  @Test
  void endpointsAreMirroredAsInACluster() throws IOException {
    FolderReading reading =
        read(
            "a.yaml",
            """
            apiVersion: v1
            kind: Endpoints
            metadata: {name: nas}
            subsets:
            - addresses: [{ip: 192.168.3.9}]
              notReadyAddresses: [{ip: "fd00::9"}]
              ports: [{name: web, port: 5000}]
            """);

    assertThat(problems(reading)).isEmpty();
    EndpointSlice slice =
        Objects.requireNonNull(
            reading
                .view()
                .endpointSlices()
                .get(new ResourceRef(Kind.ENDPOINT_SLICE, "default", "nas-ipv4-0")));
    assertThat(slice.getMetadata().getLabels()).containsEntry("kubernetes.io/service-name", "nas");
    assertThat(slice.getEndpoints().getFirst().getAddresses()).containsExactly("192.168.3.9");
    assertThat(slice.getPorts().getFirst().getPort()).isEqualTo(5000);
    assertThat(reading.view().endpointSlices().size()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "kind: Service\\nmetadata:\\n  name: {{ .Values.name }} | error | helm template",
        "{{- if .Values.ingress }}\\nkind: Service\\n{{- end }} | error | helm template",
        "apiVersion: v1\\nkind: Service\\nmetadata: {name: \"{{ .x }}\"} | error | helm template",
        "apiVersion: v2\\nname: chart\\nversion: 1.0.0 | note | helm template",
        "resources: [a.yaml] | note | kubectl kustomize",
        "apiVersion: kustomize.config.k8s.io/v1beta1\\n"
            + "kind: Kustomization | note | kubectl kustomize",
        "replicas: 1\\nimage: {tag: a} | note | not a manifest",
        "apiVersion: extensions/v1beta1\\n"
            + "kind: Ingress\\n"
            + "metadata: {name: a} | error | networking.k8s.io/v1",
        "apiVersion: networking.k8s.io/v1beta1\\n"
            + "kind: IngressList\\n"
            + "items: [] | error | networking.k8s.io/v1"
      })
  void whatIsNoManifestYetNamesTheWay(String text, String severity, String way) throws IOException {
    FolderReading reading = read("a.yaml", text.replace("\\n", "\n") + "\n");

    assertThat(problems(reading)).singleElement().asString().contains(way);
    assertThat(reading.hasErrors()).isEqualTo(severity.equals("error"));
  }
}
