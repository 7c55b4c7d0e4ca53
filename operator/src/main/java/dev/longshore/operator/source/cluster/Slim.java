package dev.longshore.operator.source.cluster;

import dev.longshore.operator.source.HeaderEntries;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointConditions;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Copies of resources with what the translator reads and nothing else: no status, no managedFields,
 * no hints, no other controllers' labels. A cluster's Services and EndpointSlices are all held, so
 * what isn't read is memory; and a change of it is no change.
 */
final class Slim {
  static final String SERVICE_NAME = "kubernetes.io/service-name";
  private static final String TLS = "kubernetes.io/tls";
  private static final Set<String> TLS_ENTRIES = Set.of("tls.crt", "tls.key", "ca.crt");

  /**
   * Of Secrets of other types: certificates to trust, and the key of affinity cookies. Of those
   * that users make for themselves whatever is short enough for a header, too.
   */
  private static final Set<String> OTHER_ENTRIES = Set.of("ca.crt", "key");

  private static final Set<String> MAP_ENTRIES = Set.of("ca.crt");

  private Slim() {}

  /**
   * The copy.
   *
   * @param annotations which of them anybody reads, by their keys
   * @throws IllegalArgumentException for a kind that no informer of ours delivers
   */
  static HasMetadata of(HasMetadata resource, Predicate<String> annotations) {
    return switch (resource) {
      case Ingress ingress -> ingress(ingress, annotations);
      case IngressClass ingressClass -> ingressClass(ingressClass, annotations);
      case Service service -> service(service);
      case EndpointSlice slice -> slice(slice);
      case Secret secret -> secret(secret);
      case ConfigMap map -> configMap(map);
      default -> throw new IllegalArgumentException(resource.getKind() + " is not followed");
    };
  }

  /** Names, identity and age; neither labels nor annotations. */
  static ObjectMeta metadata(ObjectMeta full) {
    ObjectMeta slim = new ObjectMeta();
    slim.setName(full.getName());
    slim.setNamespace(full.getNamespace());
    slim.setUid(full.getUid());
    slim.setResourceVersion(full.getResourceVersion());
    slim.setGeneration(full.getGeneration());
    slim.setCreationTimestamp(full.getCreationTimestamp());
    return slim;
  }

  private static Ingress ingress(Ingress full, Predicate<String> annotations) {
    Ingress slim = new Ingress();
    slim.setMetadata(metadata(full.getMetadata()));
    slim.getMetadata().setAnnotations(only(annotations, full.getMetadata()));
    slim.setSpec(full.getSpec());
    return slim;
  }

  private static IngressClass ingressClass(IngressClass full, Predicate<String> annotations) {
    IngressClass slim = new IngressClass();
    slim.setMetadata(metadata(full.getMetadata()));
    slim.getMetadata().setAnnotations(only(annotations, full.getMetadata()));
    slim.setSpec(full.getSpec());
    return slim;
  }

  private static Map<String, String> only(Predicate<String> annotations, ObjectMeta full) {
    return only(entry -> annotations.test(entry.getKey()), full.getAnnotations());
  }

  private static Service service(Service full) {
    Service slim = new Service();
    slim.setMetadata(metadata(full.getMetadata()));
    if (full.getSpec() != null) {
      ServiceSpec spec = new ServiceSpec();
      spec.setType(full.getSpec().getType());
      spec.setExternalName(full.getSpec().getExternalName());
      spec.setPorts(
          full.getSpec().getPorts() == null
              ? List.of()
              : full.getSpec().getPorts().stream()
                  .filter(Objects::nonNull)
                  .map(Slim::port)
                  .toList());
      slim.setSpec(spec);
    }
    return slim;
  }

  private static ServicePort port(ServicePort full) {
    ServicePort slim = new ServicePort();
    slim.setName(full.getName());
    slim.setPort(full.getPort());
    slim.setProtocol(full.getProtocol());
    slim.setAppProtocol(full.getAppProtocol());
    return slim;
  }

  private static EndpointSlice slice(EndpointSlice full) {
    EndpointSlice slim = new EndpointSlice();
    slim.setMetadata(metadata(full.getMetadata()));
    String service = orEmpty(full.getMetadata().getLabels()).get(SERVICE_NAME);
    if (service != null) {
      slim.getMetadata().setLabels(Map.of(SERVICE_NAME, service));
    }
    slim.setAddressType(full.getAddressType());
    slim.setPorts(
        full.getPorts() == null
            ? List.of()
            : full.getPorts().stream().filter(Objects::nonNull).map(Slim::port).toList());
    slim.setEndpoints(
        full.getEndpoints() == null
            ? List.of()
            : full.getEndpoints().stream().filter(Objects::nonNull).map(Slim::endpoint).toList());
    return slim;
  }

  private static EndpointPort port(EndpointPort full) {
    EndpointPort slim = new EndpointPort();
    slim.setName(full.getName());
    slim.setPort(full.getPort());
    slim.setProtocol(full.getProtocol());
    return slim;
  }

  private static Endpoint endpoint(Endpoint full) {
    Endpoint slim = new Endpoint();
    slim.setAddresses(full.getAddresses() == null ? List.of() : copy(full.getAddresses()));
    slim.setDeprecatedTopology(null);
    EndpointConditions conditions = full.getConditions();
    if (conditions != null) {
      // An absent `ready` means ready, so absent stays absent.
      slim.setConditions(
          new EndpointConditions(
              conditions.getReady(), conditions.getServing(), conditions.getTerminating()));
    }
    return slim;
  }

  private static List<String> copy(List<String> addresses) {
    return addresses.stream().filter(Objects::nonNull).toList();
  }

  private static Secret secret(Secret full) {
    Secret slim = new Secret();
    slim.setMetadata(metadata(full.getMetadata()));
    slim.setType(full.getType());
    slim.setData(
        TLS.equals(full.getType())
            ? only(TLS_ENTRIES, full.getData())
            : only(
                entry ->
                    OTHER_ENTRIES.contains(entry.getKey())
                        || (HeaderEntries.isOpaque(full)
                            && HeaderEntries.isShort(entry.getValue())),
                full.getData()));
    return slim;
  }

  /** What nobody reads of a map of a mebibyte is not held. */
  private static Map<String, String> only(Set<String> entries, @Nullable Map<String, String> data) {
    return only(entry -> entries.contains(entry.getKey()), data);
  }

  private static Map<String, String> only(
      Predicate<Map.Entry<String, String>> wanted, @Nullable Map<String, String> data) {
    return orEmpty(data).entrySet().stream()
        .filter(entry -> entry.getValue() != null && wanted.test(entry))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  private static ConfigMap configMap(ConfigMap full) {
    ConfigMap slim = new ConfigMap();
    slim.setMetadata(metadata(full.getMetadata()));
    slim.setData(only(MAP_ENTRIES, full.getData()));
    return slim;
  }

  private static Map<String, String> orEmpty(@Nullable Map<String, String> map) {
    return map == null ? Map.of() : map;
  }
}
