package dev.longshore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.cli.runtime.LocalPorts;
import dev.longshore.contract.Settings;
import dev.longshore.operator.source.TenureRecord;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.api.model.rbac.RoleRef;
import io.fabric8.kubernetes.api.model.rbac.Subject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The manifests of {@code deploy/}: what every overlay promises, and what may not creep in. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeployTest {
  private static final String NAMESPACE = "longshore-system";
  private static final String OPERATOR = "longshore-operator";
  private static final String DATA_PLANE = "longshore-dataplane";

  private List<Kustomization> overlays = List.of();

  private List<Kustomization> overlays() throws IOException {
    if (overlays.isEmpty()) {
      try (Stream<Path> folders = Files.list(Kustomization.DEPLOY.resolve("overlays"))) {
        overlays = folders.sorted().map(Kustomization::build).toList();
      }
    }
    return overlays;
  }

  private Kustomization overlay(String name) throws IOException {
    return overlays().stream()
        .filter(overlay -> overlay.folder().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void theOverlaysThatTheDocumentsName() throws IOException {
    assertThat(overlays())
        .extracting(Kustomization::folder)
        .containsExactly("default", "host-network", "nodeport", "single-namespace");
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void everythingIsLongshoresAndInItsNamespace(Kustomization overlay) {
    assertThat(overlay.byName()).hasSameSizeAs(overlay.objects());
    for (HasMetadata object : overlay.objects()) {
      assertThat(object.getMetadata().getName()).contains("longshore");
      if (object.getMetadata().getNamespace() != null && !isElsewhere(overlay, object)) {
        assertThat(object.getMetadata().getNamespace()).isEqualTo(NAMESPACE);
      }
    }
    assertThat(overlay.names(IngressClass.class)).containsExactly("longshore");
  }

  /** By this label all of them are found again, and taken away: docs/operate.md. */
  @ParameterizedTest
  @MethodSource("overlays")
  void everythingBearsTheLabelThatItIsUninstalledBy(Kustomization overlay) {
    assertThat(overlay.objects())
        .allSatisfy(
            object ->
                assertThat(object.getMetadata().getLabels())
                    .as(object.getKind() + " " + object.getMetadata().getName())
                    .containsEntry("app.kubernetes.io/part-of", "longshore"));
  }

  /** In the namespace that is served, and in that of Events about what lives in none. */
  private static boolean isElsewhere(Kustomization overlay, HasMetadata object) {
    return isNarrow(overlay)
        && List.of("longshore-operator-served", "longshore-operator-events")
            .contains(object.getMetadata().getName());
  }

  /** kubectl refuses an object whose CRD comes with it, so none may be in a first installation. */
  @ParameterizedTest
  @MethodSource("overlays")
  void oneApplyIsAll(Kustomization overlay) {
    assertThat(overlay.names(GenericKubernetesResource.class)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void podsAreRestricted(Kustomization overlay) {
    assertThat(overlay.templates()).hasSize(2);
    boolean onHost = overlay.folder().equals("host-network");
    assertThat(overlay.one(Namespace.class, NAMESPACE).getMetadata().getLabels())
        .containsEntry("pod-security.kubernetes.io/enforce", onHost ? "privileged" : "restricted");
    for (Kustomization.Template template : overlay.templates()) {
      PodSpec pod = template.template().getSpec();
      assertThat(pod.getHostNetwork())
          .isEqualTo(onHost && template.name().equals(DATA_PLANE) ? true : null);
      assertThat(pod.getHostPID()).isNull();
      assertThat(pod.getHostIPC()).isNull();
      PodSecurityContext security = pod.getSecurityContext();
      assertThat(security.getRunAsNonRoot()).isTrue();
      assertThat(security.getRunAsUser()).isEqualTo(65532);
      assertThat(security.getRunAsGroup()).isEqualTo(65532);
      assertThat(security.getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
      assertThat(security.getSysctls())
          .as("the safe one, where the pod's network is its own and has many connections")
          .hasSize(template.name().equals(DATA_PLANE) && !onHost ? 1 : 0)
          .allMatch(sysctl -> sysctl.getName().equals("net.ipv4.ip_local_port_range"))
          .allMatch(sysctl -> LocalPorts.parse(sysctl.getValue()).orElseThrow() >= LocalPorts.LOW);
      assertThat(pod.getInitContainers()).isEmpty();
      for (Container container : pod.getContainers()) {
        SecurityContext context = container.getSecurityContext();
        assertThat(context.getAllowPrivilegeEscalation()).isFalse();
        assertThat(context.getReadOnlyRootFilesystem()).isTrue();
        assertThat(context.getPrivileged()).isNull();
        assertThat(context.getCapabilities().getDrop()).containsExactly("ALL");
        assertThat(context.getCapabilities().getAdd()).isEmpty();
        assertThat(container.getPorts()).allMatch(port -> port.getHostPort() == null);
        assertThat(container.getResources().getRequests()).containsKeys("cpu", "memory");
        assertThat(container.getResources().getLimits()).containsOnlyKeys("memory");
      }
      assertThat(pod.getVolumes())
          .allMatch(
              volume ->
                  volume.getEmptyDir() != null
                      || volume.getConfigMap() != null
                      || volume.getProjected() != null);
    }
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void secretsOfADataPlaneStayInMemory(Kustomization overlay) {
    PodSpec pod = overlay.template(DATA_PLANE).template().getSpec();
    assertThat(pod.getAutomountServiceAccountToken()).isFalse();
    assertThat(
            volume(pod, mount(pod, argument(pod, "--state")).getName()).getEmptyDir().getMedium())
        .isEqualTo("Memory");
    var token = volume(pod, "token").getProjected().getSources();
    assertThat(token).hasSize(1);
    assertThat(token.getFirst().getServiceAccountToken().getAudience()).isEqualTo("longshore-push");
    assertThat(argument(pod, "--token"))
        .isEqualTo(
            mount(pod, "/var/run/secrets/longshore").getMountPath()
                + "/"
                + token.getFirst().getServiceAccountToken().getPath());
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void aDataPlaneFindsItsOperator(Kustomization overlay) {
    PodSpec pod = overlay.template(DATA_PLANE).template().getSpec();
    Service push = overlay.one(Service.class, "longshore-operator-push");
    assertThat(push.getSpec().getClusterIP()).isEqualTo("None");
    assertThat(argument(pod, "--operator"))
        .isEqualTo("longshore-operator-push." + NAMESPACE + ".svc:" + port(push, "push").getPort());
    assertThat(argument(pod, "--operator-ca"))
        .isEqualTo(mount(pod, "/var/run/longshore/ca").getMountPath() + "/ca.crt");
    assertThat(volume(pod, "operator-ca").getConfigMap().getName())
        .isEqualTo("longshore-operator-ca");
    assertThat(overlay.names(ConfigMap.class))
        .as("the operator makes it; an empty one must not come before")
        .isEmpty();
  }

  /** Every argument is one that the command takes, with a value that it can read. */
  @ParameterizedTest
  @MethodSource("overlays")
  void flagsExist(Kustomization overlay) {
    for (Kustomization.Template template : overlay.templates()) {
      List<String> args = template.template().getSpec().getContainers().getFirst().getArgs();
      var line = Longshore.commandLine();
      assertThat(args.getFirst()).isEqualTo(template.name().replace("longshore-", ""));
      if (line.getSubcommands().containsKey(args.getFirst())) {
        line.parseArgs(args.toArray(String[]::new));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void podsAreWhole(Kustomization overlay) {
    for (Kustomization.Template template : overlay.templates()) {
      PodSpec pod = template.template().getSpec();
      assertThat(overlay.names(ServiceAccount.class)).contains(pod.getServiceAccountName());
      for (Container container : pod.getContainers()) {
        for (Probe probe :
            List.of(
                container.getStartupProbe(),
                container.getLivenessProbe(),
                container.getReadinessProbe())) {
          assertThat(template.ports()).contains(probe.getHttpGet().getPort().getStrVal());
        }
        assertThat(container.getLivenessProbe().getHttpGet().getPath()).isEqualTo("/livez");
        assertThat(container.getReadinessProbe().getHttpGet().getPath()).isEqualTo("/readyz");
        assertThat(container.getVolumeMounts())
            .extracting(VolumeMount::getName)
            .containsExactlyInAnyOrderElementsOf(
                pod.getVolumes().stream().map(Volume::getName).toList());
        assertThat(container.getVolumeMounts())
            .as("the root is read-only, and Netty unpacks its libraries")
            .anyMatch(mount -> mount.getMountPath().equals("/tmp"));
        assertThat(container.getEnv()).extracting(EnvVar::getName).contains("POD_NAME");
      }
      for (var constraint : List.copyOf(pod.getTopologySpreadConstraints())) {
        assertThat(template.matches(constraint.getLabelSelector())).isTrue();
        assertThat(constraint.getWhenUnsatisfiable()).isEqualTo("ScheduleAnyway");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void selectorsAndPortsMeetPods(Kustomization overlay) {
    for (Service service : overlay.all(Service.class)) {
      var targets =
          overlay.templates().stream()
              .filter(template -> template.matches(service.getSpec().getSelector()))
              .toList();
      assertThat(targets).as(service.getMetadata().getName()).hasSize(1);
      for (ServicePort port : service.getSpec().getPorts()) {
        assertThat(targets.getFirst().ports()).contains(port.getTargetPort().getStrVal());
      }
    }
    for (PodDisruptionBudget budget : overlay.all(PodDisruptionBudget.class)) {
      assertThat(overlay.template(budget.getMetadata().getName()))
          .matches(template -> template.matches(budget.getSpec().getSelector()));
      assertThat(budget.getSpec().getMaxUnavailable().getIntVal()).isEqualTo(1);
    }
    for (NetworkPolicy policy : overlay.all(NetworkPolicy.class)) {
      Kustomization.Template template = overlay.template(policy.getMetadata().getName());
      assertThat(template.matches(policy.getSpec().getPodSelector())).isTrue();
      assertThat(policy.getSpec().getPolicyTypes()).containsExactly("Ingress", "Egress");
      assertThat(
              policy.getSpec().getIngress().stream()
                  .flatMap(rule -> rule.getPorts().stream())
                  .map(NetworkPolicyPort::getPort)
                  .map(port -> port.getStrVal()))
          .containsExactlyInAnyOrderElementsOf(template.ports());
      policy.getSpec().getIngress().stream()
          .flatMap(rule -> rule.getFrom().stream())
          .filter(peer -> peer.getPodSelector() != null)
          .forEach(
              peer ->
                  assertThat(overlay.template(DATA_PLANE).matches(peer.getPodSelector())).isTrue());
    }
  }

  /**
   * What pods need to reach, for nothing here enforces a policy: a data plane any backend, its
   * operator and DNS; an operator the API server and DNS, and nothing else.
   */
  @ParameterizedTest
  @MethodSource("overlays")
  void policiesLetPodsReachWhatTheyNeed(Kustomization overlay) {
    assertThat(overlay.names(NetworkPolicy.class)).containsExactlyInAnyOrder(OPERATOR, DATA_PLANE);
    var anywhere = overlay.one(NetworkPolicy.class, DATA_PLANE).getSpec().getEgress();
    assertThat(anywhere).hasSize(1);
    assertThat(anywhere.getFirst().getPorts()).isEmpty();
    assertThat(anywhere.getFirst().getTo()).isEmpty();

    var operator = overlay.one(NetworkPolicy.class, OPERATOR).getSpec();
    assertThat(operator.getEgress()).allMatch(rule -> rule.getTo().isEmpty());
    assertThat(
            operator.getEgress().stream()
                .flatMap(rule -> rule.getPorts().stream())
                .map(port -> protocol(port) + " " + port.getPort().getIntVal()))
        .containsExactlyInAnyOrder(
            "TCP 443",
            "TCP 6443",
            "TCP 8443",
            "TCP 16443",
            "UDP 53",
            "TCP 53",
            "UDP 5353",
            "TCP 5353");
  }

  /** Who may come in at each port: nobody but data planes to the push port, where that is held. */
  @ParameterizedTest
  @MethodSource("overlays")
  void policiesLetInWhoHasToCome(Kustomization overlay) {
    for (NetworkPolicy policy : overlay.all(NetworkPolicy.class)) {
      for (NetworkPolicyIngressRule rule : policy.getSpec().getIngress()) {
        for (NetworkPolicyPort port : rule.getPorts()) {
          assertThat(protocol(port)).isEqualTo("TCP");
          String from =
              switch (port.getPort().getStrVal()) {
                case "http", "https" -> "anybody";
                case "metrics" -> "pods of namespaces that scrape";
                case "push" -> overlay.folder().equals("host-network") ? "anybody" : "data planes";
                default -> throw new AssertionError("unknown port " + port.getPort());
              };
          assertThat(from(overlay, rule)).as(port.getPort().getStrVal()).isEqualTo(from);
        }
      }
    }
  }

  private static String from(Kustomization overlay, NetworkPolicyIngressRule rule) {
    if (rule.getFrom().isEmpty()) {
      return "anybody";
    }
    assertThat(rule.getFrom()).hasSize(1);
    NetworkPolicyPeer peer = rule.getFrom().getFirst();
    assertThat(peer.getIpBlock()).isNull();
    if (peer.getPodSelector() == null) {
      assertThat(peer.getNamespaceSelector().getMatchLabels())
          .isEqualTo(Map.of("longshore.dev/scrape-metrics", "true"));
      assertThat(peer.getNamespaceSelector().getMatchExpressions()).isEmpty();
      return "pods of namespaces that scrape";
    }
    assertThat(peer.getNamespaceSelector()).as("its own namespace").isNull();
    assertThat(overlay.template(DATA_PLANE).matches(peer.getPodSelector())).isTrue();
    assertThat(overlay.template(OPERATOR).matches(peer.getPodSelector())).isFalse();
    return "data planes";
  }

  private static String protocol(NetworkPolicyPort port) {
    return port.getProtocol() == null ? "TCP" : port.getProtocol();
  }

  /** The ports that probes, Services and policies mean by name are those of the flags. */
  @ParameterizedTest
  @MethodSource("overlays")
  void podsListenWhereTheySay(Kustomization overlay) {
    for (Kustomization.Template template : overlay.templates()) {
      PodSpec pod = template.template().getSpec();
      for (ContainerPort port : pod.getContainers().getFirst().getPorts()) {
        assertThat(argument(pod, "--" + port.getName()))
            .isEqualTo("0.0.0.0:" + port.getContainerPort());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void theOperatorMayDoThisAndNoMore(Kustomization overlay) {
    assertThat(rules(overlay.one(ClusterRole.class, OPERATOR).getRules()))
        .containsExactlyInAnyOrder(
            "longshore.dev longshoreconfigs: get list watch",
            "longshore.dev longshoreconfigs/status: patch",
            "networking.k8s.io ingressclasses: get list watch",
            "authentication.k8s.io tokenreviews: create");
    assertThat(rules(overlay.one(ClusterRole.class, "longshore-operator-served").getRules()))
        .containsExactlyInAnyOrder(
            "longshore.dev websocketroutes: get list watch",
            "longshore.dev websocketroutes/status: patch",
            "networking.k8s.io ingresses: get list watch",
            "networking.k8s.io ingresses/status: patch",
            "core services: get list watch",
            "discovery.k8s.io endpointslices: get list watch",
            "core secrets: get list watch",
            "core configmaps: get list watch",
            "events.k8s.io events: create get patch");
    assertThat(rules(overlay.one(Role.class, OPERATOR).getRules()))
        .containsExactlyInAnyOrder(
            "coordination.k8s.io leases: create",
            "coordination.k8s.io leases [longshore-operator]: get list update patch",
            "core secrets: create",
            "core configmaps: create",
            "core secrets [longshore-affinity, longshore-operator-ca]: get list watch update patch",
            "core configmaps [longshore-operator-ca]: get list watch update patch",
            "core configmaps ["
                + String.join(", ", TenureRecord.names())
                + "]: get list watch update",
            "core services [longshore-dataplane, longshore-operator-push]: get list watch",
            "discovery.k8s.io endpointslices: get list watch");
    assertThat(overlay.names(ClusterRole.class))
        .containsExactlyInAnyOrder(
            OPERATOR, "longshore-operator-served", "longshore-view", "longshore-edit");
    if (isNarrow(overlay)) {
      assertThat(overlay.names(Role.class))
          .containsExactlyInAnyOrder(OPERATOR, "longshore-operator-events");
      assertThat(rules(overlay.one(Role.class, "longshore-operator-events").getRules()))
          .containsExactly("events.k8s.io events: create get patch");
    } else {
      assertThat(overlay.names(Role.class)).containsExactly(OPERATOR);
    }
  }

  private static boolean isNarrow(Kustomization overlay) {
    return overlay.folder().equals("single-namespace");
  }

  private static List<String> rules(List<PolicyRule> rules) {
    return rules.stream()
        .flatMap(
            rule ->
                rule.getResources().stream()
                    .map(
                        resource -> {
                          assertThat(rule.getApiGroups()).hasSize(1);
                          assertThat(rule.getNonResourceURLs()).isEmpty();
                          String group = rule.getApiGroups().getFirst();
                          String names =
                              rule.getResourceNames().isEmpty()
                                  ? ""
                                  : " " + rule.getResourceNames();
                          return (group.isEmpty() ? "core" : group)
                              + " "
                              + resource
                              + names
                              + ": "
                              + String.join(" ", rule.getVerbs());
                        }))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void rolesAreBoundToTheOperatorAlone(Kustomization overlay) {
    record Binding(RoleRef role, List<Subject> subjects) {}
    List<Binding> bindings =
        Stream.concat(
                overlay.all(ClusterRoleBinding.class).stream()
                    .map(binding -> new Binding(binding.getRoleRef(), binding.getSubjects())),
                overlay.all(RoleBinding.class).stream()
                    .map(binding -> new Binding(binding.getRoleRef(), binding.getSubjects())))
            .toList();
    assertThat(bindings).hasSize(isNarrow(overlay) ? 4 : 3);
    Set<String> bound = new HashSet<>();
    for (Binding binding : bindings) {
      bound.add(binding.role().getKind() + " " + binding.role().getName());
      assertThat(binding.subjects()).hasSize(1);
      Subject subject = binding.subjects().getFirst();
      assertThat(subject.getKind() + " " + subject.getNamespace() + "/" + subject.getName())
          .isEqualTo("ServiceAccount longshore-system/longshore-operator");
    }
    bound.remove("Role longshore-operator-events");
    assertThat(bound)
        .containsExactlyInAnyOrder(
            "ClusterRole longshore-operator",
            "ClusterRole longshore-operator-served",
            "Role longshore-operator");
  }

  /** Kubernetes adds their rules to its own roles view, edit and admin by these labels. */
  @Test
  void whoMayEditANamespaceMayEditItsRoutes() throws IOException {
    String label = "rbac.authorization.k8s.io/aggregate-to-";
    ClusterRole view = overlay("default").one(ClusterRole.class, "longshore-view");
    ClusterRole edit = overlay("default").one(ClusterRole.class, "longshore-edit");
    assertThat(view.getMetadata().getLabels())
        .containsKeys(label + "view", label + "edit", label + "admin");
    assertThat(edit.getMetadata().getLabels())
        .containsKeys(label + "edit", label + "admin")
        .doesNotContainKey(label + "view");
    assertThat(rules(view.getRules()))
        .containsExactly("longshore.dev websocketroutes: get list watch");
    assertThat(rules(edit.getRules()))
        .containsExactly(
            "longshore.dev websocketroutes: create update patch delete deletecollection");
  }

  @Test
  void aSingleNamespaceIsNamedOnceAndBoundThere() throws IOException {
    Kustomization overlay = overlay("single-namespace");
    assertThat(overlay.names(ClusterRoleBinding.class)).containsExactly(OPERATOR);
    RoleBinding served = overlay.one(RoleBinding.class, "longshore-operator-served");
    assertThat(argument(overlay.template(OPERATOR).template().getSpec(), "--watch-namespaces"))
        .isEqualTo(served.getMetadata().getNamespace());
    for (String all : List.of("default", "host-network", "nodeport")) {
      assertThat(
              overlay(all)
                  .template(OPERATOR)
                  .template()
                  .getSpec()
                  .getContainers()
                  .getFirst()
                  .getArgs())
          .noneMatch(argument -> argument.startsWith("--watch-namespaces"));
    }
  }

  /**
   * After SIGTERM: preStop, then the drain that LongshoreConfig has by default, and some to spare.
   */
  @ParameterizedTest
  @MethodSource("overlays")
  void thereIsTimeToDrain(Kustomization overlay) throws IOException {
    PodSpec pod = overlay.template(DATA_PLANE).template().getSpec();
    long preStop =
        pod.getContainers().getFirst().getLifecycle().getPreStop().getSleep().getSeconds();
    String config =
        Files.readString(
            Kustomization.DEPLOY.resolve("components/longshoreconfig/longshoreconfig.yaml"));
    Settings.ProcessDrain standard = Settings.DEFAULT.processDrain();
    Duration drain = Duration.ZERO;
    for (String field : List.of("delay", "window", "deadline")) {
      Matcher value = Pattern.compile("(?m)^ {4}" + field + ": (\\d+)s$").matcher(config);
      assertThat(value.find()).as(field).isTrue();
      drain = drain.plusSeconds(Long.parseLong(value.group(1)));
    }
    assertThat(drain)
        .as("with and without a LongshoreConfig")
        .isEqualTo(standard.delay().plus(standard.window()).plus(standard.deadline()));
    assertThat(argument(pod, "--termination-grace"))
        .isEqualTo(pod.getTerminationGracePeriodSeconds() + "s");
    assertThat(argument(pod, "--pre-stop")).isEqualTo(preStop + "s");
    assertThat(pod.getTerminationGracePeriodSeconds())
        .isBetween(preStop + drain.toSeconds() + 10, preStop + drain.toSeconds() + 60);
  }

  @Test
  void aClientOfADataPlaneMovesOnce() throws IOException {
    for (String name : List.of("default", "nodeport", "single-namespace")) {
      Kustomization overlay = overlay(name);
      Deployment deployment = overlay.one(Deployment.class, DATA_PLANE);
      var rolling = deployment.getSpec().getStrategy().getRollingUpdate();
      assertThat(rolling.getMaxSurge().getStrVal()).isEqualTo("100%");
      assertThat(rolling.getMaxUnavailable().getIntVal()).isZero();
      assertThat(deployment.getSpec().getReplicas())
          .as("the autoscaler has it, an apply must not take pods away")
          .isNull();
      var scaler = overlay.one(HorizontalPodAutoscaler.class, DATA_PLANE).getSpec();
      assertThat(scaler.getScaleTargetRef().getKind()).isEqualTo("Deployment");
      assertThat(scaler.getScaleTargetRef().getName()).isEqualTo(DATA_PLANE);
      assertThat(scaler.getMinReplicas()).isEqualTo(2);
      var policies = scaler.getBehavior().getScaleDown().getPolicies();
      assertThat(policies).hasSize(1);
      assertThat(policies.getFirst().getValue()).isEqualTo(1);
      assertThat(policies.getFirst().getPeriodSeconds()).isEqualTo(600);
    }
  }

  @Test
  void everyOverlayHasItsWayIn() throws IOException {
    assertThat(way("default"))
        .returns("LoadBalancer", service -> service.getSpec().getType())
        .returns("Local", service -> service.getSpec().getExternalTrafficPolicy());
    assertThat(way("nodeport"))
        .returns("NodePort", service -> service.getSpec().getType())
        .returns("Local", service -> service.getSpec().getExternalTrafficPolicy())
        .returns(30080, service -> port(service, "http").getNodePort())
        .returns(30443, service -> port(service, "https").getNodePort());
    assertThat(way("host-network"))
        .returns("ClusterIP", service -> service.getSpec().getType())
        .returns(null, service -> service.getSpec().getExternalTrafficPolicy());
    assertThat(overlay("host-network").names(DaemonSet.class)).containsExactly(DATA_PLANE);
    assertThat(overlay("host-network").all(HorizontalPodAutoscaler.class)).isEmpty();
  }

  private Service way(String overlay) throws IOException {
    Service service = overlay(overlay).one(Service.class, DATA_PLANE);
    assertThat(service.getSpec().getPorts())
        .extracting(ServicePort::getPort)
        .containsExactly(80, 443);
    return service;
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void theImageIsOfThisVersion(Kustomization overlay) throws IOException {
    Matcher version =
        Pattern.compile("<version>([^<]+)</version>")
            .matcher(Files.readString(Kustomization.DEPLOY.resolve("../pom.xml")));
    assertThat(version.find()).isTrue();
    for (Kustomization.Template template : overlay.templates()) {
      assertThat(template.template().getSpec().getContainers())
          .extracting(Container::getImage)
          .containsExactly("longshore:" + version.group(1));
    }
    assertThat(Files.readString(Kustomization.DEPLOY.resolve("samples-cluster/echo.yaml")))
        .contains("image: longshore:" + version.group(1) + " ");
  }

  /** As docs/install.md has it: a folder of the user's own, with an overlay and components. */
  @Test
  void componentsGoOnTopOfAnOverlay(@TempDir Path parent) throws IOException {
    // kubectl takes no absolute paths.
    Path deploy = parent.toRealPath().relativize(Kustomization.DEPLOY.toRealPath());
    Files.writeString(
        parent.resolve("kustomization.yaml"),
        """
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        resources: [DEPLOY/overlays/default]
        components:
        - DEPLOY/components/longshoreconfig
        - DEPLOY/components/default-class
        - DEPLOY/components/servicemonitor
        - DEPLOY/components/open-tunnels-hpa
        - DEPLOY/components/alerts
        """
            .replace("DEPLOY", deploy.toString()));
    Kustomization all = Kustomization.build(parent);
    assertThat(all.all(GenericKubernetesResource.class))
        .extracting(GenericKubernetesResource::getKind)
        .containsExactlyInAnyOrder("LongshoreConfig", "ServiceMonitor", "PrometheusRule");
    IngressClass ours = all.one(IngressClass.class, "longshore");
    assertThat(ours.getMetadata().getAnnotations())
        .isEqualTo(Map.of("ingressclass.kubernetes.io/is-default-class", "true"));
    assertThat(ours.getSpec().getParameters().getKind()).isEqualTo("LongshoreConfig");
    assertThat(ours.getSpec().getParameters().getName()).isEqualTo("longshore");
    assertThat(
            all.one(HorizontalPodAutoscaler.class, DATA_PLANE).getSpec().getMetrics().stream()
                .map(metric -> metric.getType()))
        .containsExactly("Resource", "Pods");
    selectorsAndPortsMeetPods(all);
  }

  @Test
  void alertsAndScalingAreByMetricsThatThereAre() throws IOException {
    String documented = Files.readString(Kustomization.DEPLOY.resolve("../docs/metrics.md"));
    for (String file : List.of("alerts/prometheusrule", "open-tunnels-hpa/kustomization")) {
      Matcher metric =
          Pattern.compile("longshore_[a-z_]+")
              .matcher(
                  Files.readString(Kustomization.DEPLOY.resolve("components/" + file + ".yaml")));
      assertThat(metric.find()).isTrue();
      do {
        assertThat(documented).contains("`" + metric.group() + "`");
      } while (metric.find());
    }
  }

  private static String argument(PodSpec pod, String flag) {
    return pod.getContainers().getFirst().getArgs().stream()
        .filter(argument -> argument.startsWith(flag + "="))
        .map(argument -> argument.substring(flag.length() + 1))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + flag));
  }

  private static VolumeMount mount(PodSpec pod, String path) {
    return pod.getContainers().getFirst().getVolumeMounts().stream()
        .filter(mount -> mount.getMountPath().equals(path))
        .findFirst()
        .orElseThrow(() -> new AssertionError("nothing is mounted at " + path));
  }

  private static Volume volume(PodSpec pod, String name) {
    return pod.getVolumes().stream()
        .filter(volume -> volume.getName().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no volume " + name));
  }

  private static ServicePort port(Service service, String name) {
    return service.getSpec().getPorts().stream()
        .filter(port -> port.getName().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no port " + name));
  }
}
