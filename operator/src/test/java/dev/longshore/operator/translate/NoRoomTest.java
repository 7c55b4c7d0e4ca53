package dev.longshore.operator.translate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.claim.TranslatorOptions;
import dev.longshore.operator.translate.verdict.ConditionType;
import dev.longshore.operator.translate.verdict.Verdict;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What becomes of resources that their namespace has no room for, and of those that lead there. */
class NoRoomTest {
  private static final String WHY = "takes some 9 KiB of memory";

  private static final String BASE =
      """
      apiVersion: networking.k8s.io/v1
      kind: IngressClass
      metadata: {name: longshore}
      spec: {controller: longshore.dev/ingress-controller}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: chat, namespace: demo}
      spec: {ports: [{name: ws, port: 3000}]}
      ---
      apiVersion: discovery.k8s.io/v1
      kind: EndpointSlice
      metadata: {name: chat-1, namespace: demo, labels: {kubernetes.io/service-name: chat}}
      addressType: IPv4
      ports: [{name: ws, port: 3000}]
      endpoints: [{addresses: [10.0.0.1]}]
      ---
      apiVersion: longshore.dev/v1alpha1
      kind: WebSocketRoute
      metadata: {name: other, namespace: demo}
      spec:
        ingressClassName: longshore
        hosts: [other.example.com]
        upstreams: [{name: u, service: {name: chat, port: {number: 3000}}}]
        locations: [{path: /, pathType: Prefix, upstream: u}]
      """;

  private static final String ROUTE =
      """
      apiVersion: longshore.dev/v1alpha1
      kind: WebSocketRoute
      metadata: {name: huge, namespace: demo}
      spec:
        ingressClassName: longshore
        hosts: [huge.example.com]
        upstreams: [{name: u, service: {name: chat, port: {number: 3000}}}]
        locations: [{path: /, pathType: Prefix, upstream: u}]
      """;

  private static final String INGRESS =
      """
      apiVersion: networking.k8s.io/v1
      kind: Ingress
      metadata:
        name: huge
        namespace: demo
        annotations: {kubernetes.io/ingress.class: longshore, longshore.dev/timeouts: x}
      spec:
        rules:
        - host: ingress.example.com
          http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: chat, port: {number: 3000}}}}]}
      """;

  private final Translator translator = new Translator(TranslatorOptions.CLUSTER);
  private View view = with(View.EMPTY, BASE);

  @Test
  void aRouteIsRefusedAloneAndComesBack() {
    HasMetadata huge = Manifests.read(ROUTE).getFirst();
    view = view.with(huge);
    assertThat(translator.translate(view).snapshot().rules().size()).isEqualTo(2);
    view = view.withoutRoom(huge, WHY);
    Translation translation = translator.translate(view);
    assertThat(translation.snapshot().rules().size()).isEqualTo(1);
    assertThat(problems(translation, Kind.WEB_SOCKET_ROUTE, "huge"))
        .isEqualTo("NotAllowed spec: " + WHY);
    assertThat(accepted(translation, "huge").status()).isFalse();
    assertThat(accepted(translation, "huge").reason()).isEqualTo("NotAllowed");
    assertThat(problems(translation, Kind.WEB_SOCKET_ROUTE, "other")).isEmpty();
    assertThat(view.withoutRoom(huge, WHY)).isSameAs(view);
    view = view.with(huge);
    translation = translator.translate(view);
    assertThat(problems(translation, Kind.WEB_SOCKET_ROUTE, "huge")).isEmpty();
    assertThat(translation.snapshot().rules().size()).isEqualTo(2);
    view = view.withoutRoom(huge, WHY).without(ResourceRef.of(huge));
    assertThat(view.unheld().size()).isZero();
    assertThat(translator.translate(view).verdicts().get(ResourceRef.of(huge))).isNull();
  }

  @Test
  void anIngressKeepsItsClassAlone() {
    HasMetadata huge = Manifests.read(INGRESS).getFirst();
    view = view.withoutRoom(huge, WHY);
    assertThat(
            Objects.requireNonNull(view.get(ResourceRef.of(huge))).getMetadata().getAnnotations())
        .containsOnlyKeys("kubernetes.io/ingress.class");
    assertThat(problems(translator.translate(view), Kind.INGRESS, "huge"))
        .isEqualTo("NotAllowed spec: " + WHY);
  }

  @Test
  void whoNamesAServiceThatIsNotHeldIsToldWhy() {
    ResourceRef service = new ResourceRef(Kind.SERVICE, "demo", "chat");
    HasMetadata chat = Objects.requireNonNull(view.get(service));
    translator.translate(view);
    view = view.withoutRoom(chat, WHY);
    assertThat(problems(translator.translate(view), Kind.WEB_SOCKET_ROUTE, "other"))
        .contains("ServiceNotFound")
        .contains("Service demo/chat is not read: it " + WHY);
    view = view.without(service);
    assertThat(problems(translator.translate(view), Kind.WEB_SOCKET_ROUTE, "other"))
        .contains("there is no Service demo/chat");
    view = view.with(chat);
    assertThat(problems(translator.translate(view), Kind.WEB_SOCKET_ROUTE, "other")).isEmpty();
  }

  @Test
  void aSliceHasNoEndpointsAndSaysWhy() {
    ResourceRef slice = new ResourceRef(Kind.ENDPOINT_SLICE, "demo", "chat-1");
    HasMetadata full = Objects.requireNonNull(view.get(slice));
    translator.translate(view);
    view = view.withoutRoom(full, WHY);
    Translation translation = translator.translate(view);
    assertThat(problems(translation, Kind.ENDPOINT_SLICE, "chat-1"))
        .isEqualTo("NotAllowed endpoints: " + WHY);
    assertThat(problems(translation, Kind.WEB_SOCKET_ROUTE, "other")).contains("NoEndpoints");
    view = view.with(full);
    translation = translator.translate(view);
    assertThat(translation.verdicts().get(slice)).isNull();
    assertThat(problems(translation, Kind.WEB_SOCKET_ROUTE, "other")).isEmpty();
  }

  private static Verdict.Condition accepted(Translation translation, String name) {
    return Objects.requireNonNull(
            translation.verdicts().get(new ResourceRef(Kind.WEB_SOCKET_ROUTE, "demo", name)))
        .condition(ConditionType.ACCEPTED)
        .orElseThrow();
  }

  private static String problems(Translation translation, Kind kind, String name) {
    return Objects.requireNonNull(translation.verdicts().get(new ResourceRef(kind, "demo", name)))
        .problems()
        .stream()
        .map(problem -> problem.reason() + " " + problem.text())
        .collect(Collectors.joining("\n"));
  }

  private static View with(View view, String yaml) {
    View next = view;
    for (HasMetadata resource : Manifests.read(yaml)) {
      next = next.with(resource);
    }
    return next;
  }
}
