package dev.longshore.cli.check;

import dev.longshore.operator.pki.PlaceholderCertificate;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPortBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Manifests as people keep them in Git, with what a cluster makes of them: endpoints of Services
 * that select Pods, certificates and credentials, which nobody commits. What stands in for those is
 * judged and never served.
 *
 * @param view the manifests, completed
 * @param absent what is not among them, for people: {@code Secret demo/chat-tls}
 */
public record ExpectedInCluster(View view, List<String> absent) {
  private static final String SERVICE_NAME = "kubernetes.io/service-name";

  /** Others are told of, and can't stand in a certificate. */
  private static final Pattern HOST = Pattern.compile("[-*.a-zA-Z0-9]{1,253}");

  private static final List<String> NOBODY = List.of("host.invalid");

  /** A team's names; what has more is a platform, whose certificate has wildcards. */
  private static final int NAMES_WRITTEN_OUT = 64;

  /** An address of documentation (RFC 5737), which no manifest can mean. */
  private static final String ADDRESS = "192.0.2.1";

  public ExpectedInCluster {
    absent = List.copyOf(absent);
  }

  /** The manifests together with what they refer to and only a cluster has. */
  public static ExpectedInCluster of(View manifests) {
    Completion completion = new Completion(manifests);
    completion.endpoints(manifests);
    completion.secrets(AbsentReferences.of(manifests));
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
    void secrets(AbsentReferences references) {
      references
          .certificates()
          .forEach(
              (secret, hosts) -> {
                Set<String> names = new TreeSet<>();
                hosts.stream().filter(HOST.asMatchPredicate()).forEach(names::add);
                certificate(secret, names);
              });
      references
          .entries()
          .forEach(
              (ref, entries) -> {
                if (ref.kind() == Kind.CONFIG_MAP) {
                  configMap(ref, entries);
                } else if (view.secrets().get(ref) == null) {
                  secret(ref, entries);
                }
              });
      references.bundles().forEach(this::bundle);
    }

    private void secret(ResourceRef secret, Map<String, String> entries) {
      SecretBuilder builder =
          new SecretBuilder()
              .withNewMetadata()
              .withNamespace(secret.namespace())
              .withName(secret.name())
              .endMetadata()
              .withType("Opaque");
      entries.forEach((key, value) -> builder.addToData(key, base64(value)));
      view = view.with(builder.build());
      absent.add(secret.toString());
    }

    private void configMap(ResourceRef map, Map<String, String> data) {
      view =
          view.with(
              new ConfigMapBuilder()
                  .withNewMetadata()
                  .withNamespace(map.namespace())
                  .withName(map.name())
                  .endMetadata()
                  .withData(data)
                  .build());
      absent.add(map.toString());
    }

    private void bundle(ResourceRef map) {
      configMap(map, Map.of("ca.crt", PlaceholderCertificate.of(NOBODY).chain()));
    }

    private void certificate(ResourceRef secret, Set<String> names) {
      PlaceholderCertificate certificate =
          PlaceholderCertificate.of(names.isEmpty() ? NOBODY : few(names));
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
                  .addToData("ca.crt", base64(certificate.chain()))
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
}
