package dev.longshore.operator.source.folder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.operator.source.Holdings;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What a file says, what is wrong with it and where, and what stays when it can't be read. */
final class FolderStateTest {
  private static final Instant NOW = Instant.parse("2026-11-22T17:00:00Z");
  private static final ResourceRef CHAT = new ResourceRef(Kind.WEB_SOCKET_ROUTE, "demo", "chat");
  private static final ResourceRef SERVICE = new ResourceRef(Kind.SERVICE, "demo", "chat");

  private static final String ROUTE =
      """
      apiVersion: longshore.dev/v1alpha1
      kind: WebSocketRoute
      metadata: {name: chat, namespace: demo}
      spec:
        hosts: [chat.example.com]
        upstreams:
        - name: stable
          service: {name: chat, port: {number: 3000}}
        locations:
        - path: /websocket
          pathType: Prefix
          upstream: stable
      """;

  private static final String A_SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: chat, namespace: demo}
      spec:
        ports:
        - port: 3000
          targetPort: http
      """;

  private final FolderState state = new FolderState(Holdings.ofHeap(), UnaryOperator.identity());

  private void save(String file, String text) {
    state.update(file, state.content(file).with(text, NOW));
  }

  @Test
  void whatItsNamespaceHasNoRoomForComesBackWithRoom() {
    String other = ROUTE.replace("name: chat, namespace", "name: other, namespace");
    Holdings roomy = new Holdings(1 << 20, 1 << 20);
    FolderState whole = new FolderState(roomy, UnaryOperator.identity());
    whole.update("a.yaml", FileContent.none("a.yaml").with(ROUTE + "---\n" + A_SERVICE, NOW));
    whole.update("b.yaml", FileContent.none("b.yaml").with(other, NOW));
    FolderState small =
        new FolderState(new Holdings(roomy.sum("demo") - 1, 1 << 20), UnaryOperator.identity());
    small.update("a.yaml", FileContent.none("a.yaml").with(ROUTE, NOW));
    small.update("b.yaml", FileContent.none("b.yaml").with(other, NOW));
    small.update("c.yaml", FileContent.none("c.yaml").with(A_SERVICE, NOW));
    View view = small.reading().view();
    assertThat(view.unheld().size()).isEqualTo(1);
    assertThat(view.unheld().get(SERVICE)).contains("namespace demo");
    assertThat(small.fitting()).isEmpty();
    small.update("a.yaml", null);
    assertThat(small.fitting()).containsExactly("c.yaml");
    // Of what isn't held the text isn't either: the file's is read again.
    small.update("c.yaml", small.content("c.yaml").with(A_SERVICE, NOW));
    assertThat(small.fitting()).isEmpty();
    view = small.reading().view();
    assertThat(view.unheld().size()).isZero();
    assertThat(view.services().get(SERVICE)).isNotNull();
  }

  /** A file may come first that has what another one had, and for which there was no room. */
  @Test
  void whatWasForgottenIsReadWhenItCounts() {
    FolderState small = new FolderState(new Holdings(4_000, 1 << 20), UnaryOperator.identity());
    small.update("c.yaml", FileContent.none("c.yaml").with(ROUTE, NOW));
    small.update("b.yaml", FileContent.none("b.yaml").with(A_SERVICE, NOW));
    assertThat(small.reading().view().unheld().get(SERVICE)).isNotNull();
    small.update("a.yaml", FileContent.none("a.yaml").with(A_SERVICE, NOW));
    assertThat(small.fitting()).isEmpty();

    small.update("c.yaml", null);
    small.update("a.yaml", null);
    assertThat(small.reading().view().unheld().get(SERVICE)).isEqualTo("is read again");
    assertThat(small.fitting()).containsExactly("b.yaml");
    assertThat(small.fitting()).isEmpty();
    small.update("b.yaml", small.content("b.yaml").with(A_SERVICE, NOW));
    assertThat(small.reading().view().unheld().size()).isZero();
    assertThat(small.reading().view().services().get(SERVICE)).isNotNull();
  }

  private View view() {
    return state.reading().view();
  }

  private List<String> problems() {
    return state.reading().problems().stream().map(ManifestProblem::toString).toList();
  }

  @Test
  void readsEveryDocumentOfAFile() {
    save("a.yaml", "# a comment\n---\n" + ROUTE + "---\n" + A_SERVICE + "---\n\n");

    assertThat(problems()).isEmpty();
    assertThat(view().get(CHAT)).isNotNull();
    assertThat(view().get(SERVICE)).isNotNull();
    assertThat(view().size()).isEqualTo(2);
  }

  @Test
  void readsJsonAndLists() {
    save(
        "a.json",
        """
        {"apiVersion": "v1", "kind": "List", "items": [
        \t{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"k": "v"}},
        \t{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "b", "nme": 1}}]}
        """);

    assertThat(view().configMaps().size()).isEqualTo(1);
    assertThat(problems())
        .singleElement()
        .asString()
        .startsWith("a.json:3:")
        .contains("items[1].metadata.nme: unknown field; did you mean name?");
  }

  @Test
  void namesTheLineOfAnUnknownFieldAndWhatWasMeant() {
    save("routes/a.yaml", A_SERVICE + "---\n" + ROUTE.replace("pathType", "pathtipe"));

    assertThat(view().get(SERVICE)).isNotNull();
    assertThat(view().refused().get(CHAT)).startsWith("spec.locations[0].pathtipe: unknown field");
    assertThat(problems())
        .containsExactly(
            "routes/a.yaml:19:5: spec.locations[0].pathtipe: unknown field; did you mean pathType?;"
                + " its rules answer 503");
  }

  @Test
  void aConfigWhoseDefaultsCannotBeReadIsRefusedAndAnyOtherHoldsAsFarAsItGoes() {
    ResourceRef ref = new ResourceRef(Kind.LONGSHORE_CONFIG, "", "shared");
    String config =
        """
        apiVersion: longshore.dev/v1alpha1
        kind: LongshoreConfig
        metadata: {name: shared}
        spec:
          defaults: {policy: {access: {allow: [10.0.0.0/8]}}}
          processDrain: {delay: 5s}
        """;
    save("config.yaml", config.replace("delay: 5s", "delay: 5"));
    assertThat(view().configs().get(ref)).isNotNull();
    assertThat(view().refused().size()).isZero();
    assertThat(problems()).singleElement().asString().endsWith("; the rest of it holds");

    for (String typo :
        List.of(
            config.replace("allow", "alow"),
            config.replace("defaults", "defualts"),
            config.replace("[10.0.0.0/8]", "10.0.0.0/8"))) {
      FolderState fresh = new FolderState(Holdings.ofHeap(), UnaryOperator.identity());
      fresh.update("config.yaml", fresh.content("config.yaml").with(typo, NOW));
      assertThat(fresh.reading().view().refused().get(ref)).as(typo).contains("spec.d");
      assertThat(fresh.reading().problems())
          .anyMatch(p -> p.message().endsWith("rules that have their defaults from it answer 503"));
    }
  }

  @Test
  void whatIsReadOfAFaultyRouteOnlyKeepsItsPlaces() {
    String typo = ROUTE + "  policy: {acess: {allow: [10.0.0.0/8]}}\n";
    save("a.yaml", typo);
    assertThat(view().get(CHAT)).isNotNull();
    assertThat(view().refused().get(CHAT)).contains("did you mean access?");

    save("a.yaml", typo.replace("acess", "access"));
    assertThat(view().refused().size()).isZero();

    save("a.yaml", typo);
    assertThat(view().refused().size()).as("what was right before stays").isZero();
  }

  @Test
  void aRouteThatDoesNotSayItsHostsKeepsNoPlaces() {
    for (String wrong :
        List.of(
            ROUTE.replace("hosts:", "host:"),
            ROUTE.replace("[chat.example.com]", "chat.example.com"),
            ROUTE.replace("[chat.example.com]", "[1, chat.example.com]"),
            ROUTE.replace("spec:", "sepc:"),
            ROUTE.replace("  hosts:", "  ingressClassName: 1\n  hosts:"))) {
      FolderState fresh = new FolderState(Holdings.ofHeap(), UnaryOperator.identity());
      fresh.update("a.yaml", fresh.content("a.yaml").with(wrong, NOW));
      assertThat(fresh.reading().view().size()).as(wrong).isZero();
      assertThat(fresh.reading().problems())
          .allMatch(problem -> problem.message().endsWith("it is not served"));
    }
  }

  @Test
  void findsUnknownFieldsOfKubernetesTypesToo() {
    save("a.yaml", A_SERVICE.replace("targetPort", "tragetPort"));

    assertThat(problems())
        .containsExactly(
            "a.yaml:7:5: spec.ports[0].tragetPort: unknown field; did you mean targetPort?; it is"
                + " not served");
  }

  @Test
  void namesEveryMistypedFieldAtOnce() {
    save(
        "a.yaml",
        ROUTE
            .replace("number: 3000", "number: \"3000\"")
            .replace("pathType: Prefix", "pathType: prefix")
            .replace("hosts: [chat.example.com]", "hosts: chat.example.com"));

    assertThat(problems())
        .containsExactly(
            "a.yaml:5:10: spec.hosts: must be a list, found a string \"chat.example.com\"; it is"
                + " not served",
            "a.yaml:8:42: spec.upstreams[0].service.port.number: must be an integer, found a string"
                + " \"3000\": remove the quotes; it is not served",
            "a.yaml:11:15: spec.locations[0].pathType: must be one of Exact, Prefix, Regex; found"
                + " \"prefix\"; it is not served");
  }

  @Test
  void anUnquotedYesIsNoString() {
    save(
        "a.yaml",
        "apiVersion: v1\n"
            + "kind: ConfigMap\n"
            + "metadata: {name: a}\n"
            + "data:\n"
            + "  enabled: yes\n"
            + "  port: 80\n");

    assertThat(problems())
        .containsExactly(
            "a.yaml:5:12: data[enabled]: must be a string, found a boolean \"true\": put it in"
                + " quotes; it is not served",
            "a.yaml:6:9: data[port]: must be a string, found an integer \"80\": put it in quotes;"
                + " it is not served");
  }

  @Test
  void aDocumentThatIsNoYamlLeavesTheOthersAlone() {
    save("a.yaml", ROUTE + "---\nfoo: [1, 2\nbar: }\n---\n" + A_SERVICE);

    assertThat(view().size()).isEqualTo(2);
    assertThat(problems()).singleElement().asString().startsWith("a.yaml:15:");
  }

  @Test
  void whatWasThereStaysWhileItCannotBeRead() {
    save("a.yaml", ROUTE + "---\n" + A_SERVICE);
    Object before = view().get(CHAT);

    save("a.yaml", ROUTE.replace("hosts: [", "hosts: [[") + "---\n" + A_SERVICE);
    assertThat(view().get(CHAT)).isSameAs(before);
    assertThat(problems())
        .singleElement()
        .asString()
        .contains("a.yaml:")
        .endsWith("the resource that stood here stays as it was before 2026-11-22T17:00:00Z");

    save("a.yaml", ROUTE.replace("upstream: stable", "upstreem: stable") + "---\n" + A_SERVICE);
    assertThat(view().get(CHAT)).isSameAs(before);
    assertThat(problems()).singleElement().asString().endsWith("it stays as it was before");
    assertThat(new Whereabouts(state::holder).locate(CHAT, "spec.hosts")).isEqualTo("a.yaml");

    save("a.yaml", A_SERVICE);
    assertThat(view().get(CHAT)).isNull();
    assertThat(problems()).isEmpty();
  }

  @Test
  void aFileThatCannotBeHadKeepsEverything() {
    save("a.yaml", ROUTE);
    state.update("a.yaml", state.content("a.yaml").unreadable("the file may not be read", NOW));

    assertThat(view().get(CHAT)).isNotNull();
    assertThat(problems())
        .singleElement()
        .asString()
        .startsWith("a.yaml: the file may not be read");

    state.update("a.yaml", null);
    assertThat(view().get(CHAT)).isNull();
    assertThat(problems()).isEmpty();
  }

  @Test
  void theFirstByPathOfTwoCountsAndBothAreNamed() {
    save("b.yaml", ROUTE.replace("/websocket", "/b"));
    save("a.yaml", "\n" + ROUTE.replace("/websocket", "/a"));

    assertThat(path()).isEqualTo("/a");
    assertThat(problems())
        .containsExactly(
            "b.yaml:1:1: WebSocketRoute demo/chat also stands in a.yaml:2:1, which counts; remove"
                + " one");

    state.update("a.yaml", null);
    assertThat(path()).isEqualTo("/b");
    assertThat(problems()).isEmpty();
  }

  @Test
  void aContestedPlaceIsWhereItStandsNow() {
    save("a.yaml", ROUTE);
    save("b.yaml", ROUTE);
    assertThat(problems())
        .containsExactly(
            "b.yaml:1:1: WebSocketRoute demo/chat also stands in a.yaml:1:1, and says the same");

    save("a.yaml", "# one\n# two\n" + ROUTE);
    save("b.yaml", "# one\n" + ROUTE);
    assertThat(problems())
        .containsExactly(
            "b.yaml:2:1: WebSocketRoute demo/chat also stands in a.yaml:3:1, and says the same");
  }

  private String path() {
    var route = Objects.requireNonNull(view().routes().get(CHAT));
    var locations = Objects.requireNonNull(Objects.requireNonNull(route.getSpec()).locations());
    return Objects.requireNonNull(locations.getFirst().path());
  }

  @Test
  void theFirstOfTwoInOneFileCounts() {
    save("a.yaml", ROUTE + "---\n" + ROUTE.replace("/websocket", "/other"));

    assertThat(path()).isEqualTo("/websocket");
    assertThat(problems())
        .containsExactly(
            "a.yaml:14:1: WebSocketRoute demo/chat stands in this file twice; the first, in line 1,"
                + " counts");
  }

  @Test
  void aCommentOrAnotherFormChangesNothing() {
    save("a.yaml", ROUTE + "---\n" + A_SERVICE);
    View before = view();

    save(
        "a.yaml",
        "# why\n"
            + A_SERVICE
            + "---\n"
            + ROUTE.replace("{name: chat, namespace: demo}", "\n  namespace: demo\n  name: chat"));

    assertThat(view()).isSameAs(before);
    assertThat(new Whereabouts(state::holder).locate(CHAT, "spec.locations[0].path"))
        .isEqualTo("a.yaml:21:5");
    assertThat(new Whereabouts(state::holder).locate(CHAT, "spec.locations[0].policy.timeouts"))
        .isEqualTo("a.yaml:21:5");
  }

  @Test
  void secretsAreWhatAnApiServerWouldHaveMadeOfThem() {
    save(
        "a.yaml",
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: s}
        data: {a: b25l, b: b25l}
        stringData: {b: two}
        """);

    var secret =
        Objects.requireNonNull(view().secrets().get(new ResourceRef(Kind.SECRET, "default", "s")));
    assertThat(secret.getData()).isEqualTo(Map.of("a", "b25l", "b", "dHdv"));
    assertThat(secret.getStringData()).isNullOrEmpty();
  }

  @Test
  void noMessageQuotesASecret() {
    save(
        "a.yaml",
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: s}
        data: {a: hunter two, b: 4711}
        type: [hunter]
        """);

    assertThat(problems())
        .hasSize(3)
        .noneMatch(problem -> problem.contains("hunter") || problem.contains("4711"))
        .anyMatch(problem -> problem.contains("a.yaml:4:8: data[a]: is not base64"));
  }

  @Test
  void otherKindsAreSkippedAndThoseThatRouteAreNoted() {
    save(
        "a.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {}\n---\n"
            + "apiVersion: traefik.io/v1alpha1\nkind: IngressRoute\nmetadata: {name: a}\n---\n"
            + ROUTE);

    assertThat(state.reading().hasErrors()).isFalse();
    assertThat(problems()).containsExactly("a.yaml:7:1: kind: skipped: IngressRoute is not read");
    assertThat(view().size()).isEqualTo(1);
  }

  @Test
  void listsOfOtherToolsAreNoted() {
    save("patch.yaml", "- {op: replace, path: /spec/rules/0/host, value: chat.example.com}\n");
    save("playbook.yml", "- hosts: all\n  tasks: []\n");
    save("names.json", "[\"a\", \"b\"]");

    assertThat(state.reading().hasErrors()).isFalse();
    assertThat(problems())
        .containsExactly(
            "names.json:1:1: skipped: not a manifest, it is a list",
            "patch.yaml:1:1: skipped: a patch of a kustomization; build it with `kubectl kustomize"
                + " FOLDER`, and give what comes out",
            "playbook.yml:1:1: skipped: not a manifest, it is a list");
  }

  @Test
  void misspeltKindsAndVersionsAreErrors() {
    save("a.yaml", ROUTE.replace("WebSocketRoute", "WebsocketRoutes"));
    save("b.yaml", ROUTE.replace("v1alpha1", "v1"));
    save("c.yaml", ROUTE.replace("kind:", "knid:"));
    save("d.yaml", "- {apiVersion: v1, kind: Service, metadata: {name: chat}}\n");
    save("e.yaml", ROUTE.replace("name: chat, ", ""));
    save(
        "f.yaml",
        "apiVersion: networking.k8s.io/v1\n"
            + "kind: IngressClass\n"
            + "metadata: {name: a, namespace: b}\n");

    assertThat(problems())
        .containsExactly(
            "a.yaml:2:1: kind: longshore.dev has no kind WebsocketRoutes; did you mean"
                + " WebSocketRoute?",
            "b.yaml:1:1: apiVersion: WebSocketRoute is read as longshore.dev/v1alpha1, found"
                + " longshore.dev/v1",
            "c.yaml:2:1: knid: unknown field; did you mean kind?",
            "d.yaml:1:1: a list of manifests is none itself: write them as documents, with ---"
                + " between them, or as items of kind: List with apiVersion: v1",
            "e.yaml:3:1: metadata.name: is missing: lower-case letters, digits, '-' and '.', at"
                + " most 253",
            "f.yaml:3:1: metadata.namespace: must not be set: IngressClass lives in no namespace;"
                + " it is not served");
    assertThat(view().size()).isZero();
  }

  @Test
  void tabsThatIndentAreSaidPlainly() {
    save("b.yaml", "kind: Service\n\tname: a\n");

    assertThat(problems())
        .containsExactly("b.yaml:2:1: not readable as YAML: a tab can't indent; use blanks");
  }

  @Test
  void aliasesAreExpandedButNoBombs() {
    save(
        "a.yaml",
        """
        apiVersion: v1
        kind: Service
        metadata: &m {name: a, labels: &l {x: y}}
        spec: {selector: {<<: *l, z: w}, ports: [{port: 1}]}
        """);
    assertThat(problems()).isEmpty();
    assertThat(
            Objects.requireNonNull(
                    view().services().get(new ResourceRef(Kind.SERVICE, "default", "a")))
                .getSpec()
                .getSelector())
        .isEqualTo(Map.of("x", "y", "z", "w"));

    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 9; i++) {
      bomb.append("a%d: &a%d [".formatted(i, i));
      bomb.append("*a%d, ".formatted(i - 1).repeat(9)).append("*a%d]\n".formatted(i - 1));
    }
    save("b.yaml", bomb.toString());
    save("c.yaml", "a: &a [*a]\n");
    save("d.yaml", "[".repeat(10_000));
    assertThat(problems())
        .hasSize(3)
        .anyMatch(p -> p.startsWith("b.yaml:") && p.contains("values in one document"))
        .anyMatch(p -> p.startsWith("c.yaml:") && p.contains("nested deeper"))
        .anyMatch(p -> p.startsWith("d.yaml:") && p.contains("nesting depth"));
  }
}
