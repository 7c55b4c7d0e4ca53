package dev.longshore.cli;

import dev.longshore.api.v1alpha1.WebSocketRouteSpec;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.trust.PlaceholderCertificate;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPortBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.IngressTLS;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Manifests as people keep them in Git, with what a cluster makes of them: endpoints of Services
 * that select Pods, and certificates, which nobody commits. What stands in for those is judged and
 * never served.
 *
 * @param view the manifests, completed
 * @param absent what is not among them, for people: {@code Secret demo/chat-tls}
 */
record ExpectedInCluster(View view, List<String> absent) {
  private static final String SERVICE_NAME = "kubernetes.io/service-name";

  /** Others are told of, and can't stand in a certificate. */
  private static final Pattern HOST = Pattern.compile("[-*.a-zA-Z0-9]{1,253}");

  /** A team's names; what has more is a platform, whose certificate has wildcards. */
  private static final int NAMES_WRITTEN_OUT = 64;

  /** An address of documentation (RFC 5737), which no manifest can mean. */
  private static final String ADDRESS = "192.0.2.1";

  ExpectedInCluster {
    absent = List.copyOf(absent);
  }

  static ExpectedInCluster of(View manifests) {
    Completion completion = new Completion(manifests);
    completion.endpoints(manifests);
    completion.certificates(manifests);
    return new ExpectedInCluster(completion.view, completion.absent);
  }

  private static final class Completion {
    private final List<String> absent = new ArrayList<>();
    private View view;

    Completion(View view) {
      this.view = view;
    }

    void endpoints(View manifests) {
      Set<String> known = new HashSet<>();
      manifests
          .endpointSlices()
          .forEach(
              (ref, slice) -> {
                Map<String, String> labels = slice.getMetadata().getLabels();
                String service = labels == null ? null : labels.get(SERVICE_NAME);
                if (service != null) {
                  known.add(ref.namespace() + "/" + service);
                }
              });
      manifests
          .services()
          .forEach(
              (ref, service) -> {
                if (selectsPods(service) && !known.contains(ref.namespace() + "/" + ref.name())) {
                  slice(ref, service);
                }
              });
    }

    private void slice(ResourceRef ref, Service service) {
      List<EndpointPort> ports = new ArrayList<>();
      for (ServicePort port : service.getSpec().getPorts()) {
        ports.add(
            new EndpointPortBuilder()
                .withName(port.getName())
                .withProtocol(port.getProtocol())
                .withPort(port.getPort())
                .build());
      }
      view =
          view.with(
              new EndpointSliceBuilder()
                  .withNewMetadata()
                  .withNamespace(ref.namespace())
                  .withName(ref.name() + "-expected")
                  .addToLabels(SERVICE_NAME, ref.name())
                  .endMetadata()
                  .withAddressType("IPv4")
                  .withPorts(ports)
                  .addNewEndpoint()
                  .withAddresses(ADDRESS)
                  .endEndpoint()
                  .build());
      absent.add("the endpoints of Service " + ref.namespace() + "/" + ref.name());
    }

    /** One certificate a Secret, for all hosts that any resource has it for. */
    void certificates(View manifests) {
      Map<ResourceRef, Set<String>> hostsOf = new TreeMap<>();
      manifests
          .ingresses()
          .forEach(
              (ref, ingress) -> {
                for (IngressTLS tls : tls(ingress)) {
                  List<String> hosts = tls.getHosts();
                  want(
                      hostsOf,
                      ref,
                      tls.getSecretName(),
                      hosts == null || hosts.isEmpty() ? hosts(ingress) : hosts);
                }
              });
      manifests
          .routes()
          .forEach(
              (ref, route) -> {
                WebSocketRouteSpec spec = route.getSpec();
                for (WebSocketRouteSpec.Tls tls : tls(spec)) {
                  List<String> hosts = tls.hosts();
                  want(
                      hostsOf,
                      ref,
                      tls.secretName(),
                      hosts == null && spec != null ? spec.hosts() : hosts);
                }
              });
      hostsOf.forEach(this::certificate);
    }

    private void want(
        Map<ResourceRef, Set<String>> hostsOf,
        ResourceRef owner,
        @Nullable String name,
        @Nullable List<String> hosts) {
      if (name == null || name.isEmpty()) {
        return;
      }
      ResourceRef secret = new ResourceRef(Kind.SECRET, owner.namespace(), name);
      if (view.secrets().get(secret) != null) {
        return;
      }
      Set<String> names = hostsOf.computeIfAbsent(secret, absentSecret -> new TreeSet<>());
      if (hosts != null) {
        hosts.stream().filter(HOST.asMatchPredicate()).forEach(names::add);
      }
    }

    private void certificate(ResourceRef secret, Set<String> names) {
      PlaceholderCertificate certificate =
          PlaceholderCertificate.of(names.isEmpty() ? List.of("host.invalid") : few(names));
      view =
          view.with(
              new SecretBuilder()
                  .withNewMetadata()
                  .withNamespace(secret.namespace())
                  .withName(secret.name())
                  .endMetadata()
                  .withType("kubernetes.io/tls")
                  .addToData("tls.crt", base64(certificate.chain()))
                  .addToData("tls.key", base64(certificate.key()))
                  .build());
      absent.add(secret.toString());
    }

    /** Wildcards for many names of one domain, for a certificate has a greatest size. */
    private static List<String> few(Set<String> names) {
      return names.size() <= NAMES_WRITTEN_OUT
          ? List.copyOf(names)
          : names.stream().map(Completion::wildcard).distinct().toList();
    }

    private static String wildcard(String name) {
      int domain = name.indexOf('.');
      return name.indexOf('.', domain + 1) < 0 ? name : "*" + name.substring(domain);
    }

    private static String base64(String text) {
      return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }
  }

  private static boolean selectsPods(Service service) {
    return service.getSpec() != null
        && service.getSpec().getSelector() != null
        && !service.getSpec().getSelector().isEmpty()
        && service.getSpec().getPorts() != null
        && !"ExternalName".equals(service.getSpec().getType());
  }

  private static List<IngressTLS> tls(Ingress ingress) {
    return ingress.getSpec() == null || ingress.getSpec().getTls() == null
        ? List.of()
        : ingress.getSpec().getTls();
  }

  /** The hosts of the rules, for which TLS without hosts is. */
  private static List<String> hosts(Ingress ingress) {
    List<IngressRule> rules = ingress.getSpec().getRules();
    return rules == null
        ? List.of()
        : rules.stream().map(IngressRule::getHost).filter(Objects::nonNull).toList();
  }

  private static List<WebSocketRouteSpec.Tls> tls(@Nullable WebSocketRouteSpec spec) {
    List<WebSocketRouteSpec.Tls> tls = spec == null ? null : spec.tls();
    return tls == null ? List.of() : tls;
  }
}
