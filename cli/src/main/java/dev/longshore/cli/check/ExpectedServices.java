package dev.longshore.cli.check;

import dev.longshore.api.v1alpha1.ServiceRef;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.HTTPIngressPath;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBackend;
import io.fabric8.kubernetes.api.model.networking.v1.IngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.IngressServiceBackend;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Services that Ingresses name and that are not among the files: what {@code kubectl get ingress}
 * prints has none, and says nothing against them.
 *
 * @param view with them
 * @param absent what is not among the files, for people
 */
public record ExpectedServices(View view, List<String> absent) {
  private static final int ANY_PORT = 80;
  private static final int LAST_PORT = 65_535;

  public ExpectedServices {
    absent = List.copyOf(absent);
  }

  /** The manifests together with the Services that these Ingresses name and they lack. */
  public static ExpectedServices of(View manifests, Collection<Ingress> ingresses) {
    Map<ResourceRef, Map<String, ServicePort>> named = new TreeMap<>();
    for (Ingress ingress : ingresses) {
      for (IngressBackend backend : backends(ingress)) {
        IngressServiceBackend service = backend.getService();
        if (service != null && service.getName() != null) {
          ResourceRef ref =
              new ResourceRef(Kind.SERVICE, ResourceRef.of(ingress).namespace(), service.getName());
          if (manifests.services().get(ref) == null) {
            ServicePort port = port(service);
            named.computeIfAbsent(ref, r -> new TreeMap<>()).put(key(port), port);
          }
        }
      }
      ServiceRef asked = IngressAuth.of(ingress).service();
      if (asked != null && asked.name() != null) {
        ResourceRef ref =
            new ResourceRef(Kind.SERVICE, ResourceRef.of(ingress).namespace(), asked.name());
        if (manifests.services().get(ref) == null) {
          ServicePort port = port(asked.port());
          named.computeIfAbsent(ref, r -> new TreeMap<>()).put(key(port), port);
        }
      }
    }
    View view = manifests;
    List<String> absent = new ArrayList<>();
    for (Map.Entry<ResourceRef, Map<String, ServicePort>> entry : named.entrySet()) {
      view = view.with(service(entry.getKey(), List.copyOf(entry.getValue().values())));
      absent.add(entry.getKey().toString());
    }
    return new ExpectedServices(view, absent);
  }

  private static List<IngressBackend> backends(Ingress ingress) {
    List<IngressBackend> backends = new ArrayList<>();
    if (ingress.getSpec() == null) {
      return backends;
    }
    if (ingress.getSpec().getDefaultBackend() != null) {
      backends.add(ingress.getSpec().getDefaultBackend());
    }
    if (ingress.getSpec().getRules() != null) {
      for (IngressRule rule : ingress.getSpec().getRules()) {
        if (rule != null && rule.getHttp() != null && rule.getHttp().getPaths() != null) {
          for (HTTPIngressPath path : rule.getHttp().getPaths()) {
            if (path != null && path.getBackend() != null) {
              backends.add(path.getBackend());
            }
          }
        }
      }
    }
    return backends;
  }

  private static ServicePort port(IngressServiceBackend service) {
    var port = service.getPort();
    return port == null ? port(null, null) : port(port.getName(), port.getNumber());
  }

  private static ServicePort port(ServiceRef.@Nullable Port port) {
    return port == null ? port(null, null) : port(port.name(), port.number());
  }

  private static ServicePort port(@Nullable String name, @Nullable Integer number) {
    return new ServicePortBuilder()
        .withName(name)
        .withPort(isPort(number) ? number : Integer.valueOf(ANY_PORT))
        .withProtocol("TCP")
        .build();
  }

  private static boolean isPort(@Nullable Integer number) {
    return number != null && number >= 1 && number <= LAST_PORT;
  }

  private static String key(ServicePort port) {
    return port.getName() == null ? String.valueOf(port.getPort()) : port.getName();
  }

  private static Service service(ResourceRef ref, List<ServicePort> ports) {
    return new ServiceBuilder()
        .withNewMetadata()
        .withNamespace(ref.namespace())
        .withName(ref.name())
        .endMetadata()
        .withNewSpec()
        .addToSelector("app", "expected")
        .withPorts(ports)
        .endSpec()
        .build();
  }
}
