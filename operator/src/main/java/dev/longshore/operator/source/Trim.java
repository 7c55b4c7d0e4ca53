package dev.longshore.operator.source;

import dev.longshore.api.v1alpha1.LongshoreConfig;
import dev.longshore.api.v1alpha1.WebSocketRoute;
import dev.longshore.contract.HardLimits;
import io.fabric8.kubernetes.api.model.ConfigMap;
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
 * what isn't read is memory; and a change of it is no change. A folder's go the same way, so that
 * both mean the same. Kinds name their copies in {@link Kind}.
 */
public final class Trim {
  /** The label of an EndpointSlice that names its Service. */
  public static final String SERVICE_NAME = "kubernetes.io/service-name";

  private static final String TLS = "kubernetes.io/tls";
  private static final Set<String> TLS_ENTRIES = Set.of("tls.crt", "tls.key", "ca.crt");

  /**
   * Of Secrets of other types: certificates to trust, and the key of affinity cookies. Of those
   * that users make for themselves whatever is short enough for a header, too.
   */
  private static final Set<String> OTHER_ENTRIES = Set.of("ca.crt", "key", "jwks.json", "auth");

  private static final Set<String> MAP_ENTRIES = Set.of("ca.crt");

  private Trim() {}

  static WebSocketRoute route(WebSocketRoute full, Predicate<String> annotations) {
    WebSocketRoute trimmed = new WebSocketRoute();
    trimmed.setMetadata(metadata(full.getMetadata()));
    trimmed.setSpec(full.getSpec());
    return trimmed;
  }

  static LongshoreConfig config(LongshoreConfig full, Predicate<String> annotations) {
    LongshoreConfig trimmed = new LongshoreConfig();
    trimmed.setMetadata(metadata(full.getMetadata()));
    trimmed.setSpec(full.getSpec());
    return trimmed;
  }

  /** Names, identity and age; neither labels nor annotations. */
  public static ObjectMeta metadata(ObjectMeta full) {
    ObjectMeta trimmed = new ObjectMeta();
    trimmed.setName(full.getName());
    trimmed.setNamespace(full.getNamespace());
    trimmed.setUid(full.getUid());
    trimmed.setResourceVersion(full.getResourceVersion());
    trimmed.setGeneration(full.getGeneration());
    trimmed.setCreationTimestamp(full.getCreationTimestamp());
    return trimmed;
  }

  static Ingress ingress(Ingress full, Predicate<String> annotations) {
    Ingress trimmed = new Ingress();
    trimmed.setMetadata(metadata(full.getMetadata()));
    trimmed.getMetadata().setAnnotations(only(annotations, full.getMetadata()));
    trimmed.setSpec(full.getSpec());
    return trimmed;
  }

  static IngressClass ingressClass(IngressClass full, Predicate<String> annotations) {
    IngressClass trimmed = new IngressClass();
    trimmed.setMetadata(metadata(full.getMetadata()));
    trimmed.getMetadata().setAnnotations(only(annotations, full.getMetadata()));
    trimmed.setSpec(full.getSpec());
    return trimmed;
  }

  private static Map<String, String> only(Predicate<String> annotations, ObjectMeta full) {
    return only(entry -> annotations.test(entry.getKey()), full.getAnnotations());
  }

  static Service service(Service full, Predicate<String> annotations) {
    Service trimmed = new Service();
    trimmed.setMetadata(metadata(full.getMetadata()));
    if (full.getSpec() != null) {
      ServiceSpec spec = new ServiceSpec();
      spec.setType(full.getSpec().getType());
      spec.setExternalName(full.getSpec().getExternalName());
      spec.setPorts(
          full.getSpec().getPorts() == null
              ? List.of()
              : full.getSpec().getPorts().stream()
                  .filter(Objects::nonNull)
                  .map(Trim::port)
                  .toList());
      trimmed.setSpec(spec);
    }
    return trimmed;
  }

  private static ServicePort port(ServicePort full) {
    ServicePort trimmed = new ServicePort();
    trimmed.setName(full.getName());
    trimmed.setPort(full.getPort());
    trimmed.setProtocol(full.getProtocol());
    trimmed.setAppProtocol(full.getAppProtocol());
    return trimmed;
  }

  static EndpointSlice slice(EndpointSlice full, Predicate<String> annotations) {
    EndpointSlice trimmed = new EndpointSlice();
    trimmed.setMetadata(metadata(full.getMetadata()));
    String service = orEmpty(full.getMetadata().getLabels()).get(SERVICE_NAME);
    if (service != null) {
      trimmed.getMetadata().setLabels(Map.of(SERVICE_NAME, service));
    }
    trimmed.setAddressType(full.getAddressType());
    trimmed.setPorts(
        full.getPorts() == null
            ? List.of()
            : full.getPorts().stream().filter(Objects::nonNull).map(Trim::port).toList());
    trimmed.setEndpoints(
        full.getEndpoints() == null
            ? List.of()
            : full.getEndpoints().stream().filter(Objects::nonNull).map(Trim::endpoint).toList());
    return trimmed;
  }

  private static EndpointPort port(EndpointPort full) {
    EndpointPort trimmed = new EndpointPort();
    trimmed.setName(full.getName());
    trimmed.setPort(full.getPort());
    trimmed.setProtocol(full.getProtocol());
    return trimmed;
  }

  private static Endpoint endpoint(Endpoint full) {
    Endpoint trimmed = new Endpoint();
    trimmed.setAddresses(full.getAddresses() == null ? List.of() : copy(full.getAddresses()));
    trimmed.setDeprecatedTopology(null);
    EndpointConditions conditions = full.getConditions();
    if (conditions != null) {
      // An absent `ready` means ready, so absent stays absent.
      trimmed.setConditions(
          new EndpointConditions(
              conditions.getReady(), conditions.getServing(), conditions.getTerminating()));
    }
    return trimmed;
  }

  private static List<String> copy(List<String> addresses) {
    return addresses.stream().filter(Objects::nonNull).toList();
  }

  static Secret secret(Secret full, Predicate<String> annotations) {
    Secret trimmed = new Secret();
    trimmed.setMetadata(metadata(full.getMetadata()));
    trimmed.setType(full.getType());
    trimmed.setData(
        TLS.equals(full.getType())
            ? only(TLS_ENTRIES, full.getData())
            : only(
                entry ->
                    OTHER_ENTRIES.contains(entry.getKey())
                        || (HeaderEntries.isOpaque(full)
                            && HeaderEntries.isShort(entry.getValue())),
                full.getData()));
    return trimmed;
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

  static ConfigMap configMap(ConfigMap full, Predicate<String> annotations) {
    ConfigMap trimmed = new ConfigMap();
    trimmed.setMetadata(metadata(full.getMetadata()));
    trimmed.setData(only(Trim::isOfMap, full.getData()));
    return trimmed;
  }

  /** Certificates to trust, and bodies of answers. */
  private static boolean isOfMap(Map.Entry<String, String> entry) {
    return MAP_ENTRIES.contains(entry.getKey())
        || entry.getValue().length() <= HardLimits.FIXED_ANSWER_BYTES;
  }

  private static Map<String, String> orEmpty(@Nullable Map<String, String> map) {
    return map == null ? Map.of() : map;
  }
}
