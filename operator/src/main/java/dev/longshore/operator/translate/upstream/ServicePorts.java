package dev.longshore.operator.translate.upstream;

import dev.longshore.api.v1alpha1.ServiceRef;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds the port of a Service that a number or a name means. */
public final class ServicePorts {
  private ServicePorts() {}

  /** The TCP port of that number or name (as {@link #key} writes it), or null. */
  static @Nullable ServicePort find(Service service, String key) {
    for (ServicePort port : ports(service)) {
      if (isTcp(port.getProtocol())
          && (key.equals(port.getName()) || key.equals(String.valueOf(port.getPort())))) {
        return port;
      }
    }
    return null;
  }

  /** The number, or the name, which can't be a number. */
  public static String key(ServiceRef.Port port) {
    return port.number() != null
        ? String.valueOf(port.number())
        : Objects.requireNonNull(port.name());
  }

  /** The ports that there are, for messages. */
  static String list(Service service) {
    String list =
        ports(service).stream()
            .filter(port -> isTcp(port.getProtocol()))
            .limit(10)
            .map(
                port ->
                    port.getName() == null
                        ? "" + port.getPort()
                        : port.getName() + " (" + port.getPort() + ")")
            .collect(Collectors.joining(", "));
    return list.isEmpty() ? "it has no TCP port" : "it has " + list;
  }

  static boolean isExternalName(Service service) {
    return service.getSpec() != null && "ExternalName".equals(service.getSpec().getType());
  }

  /** The name that a Service of type ExternalName stands for, as names compare; else null. */
  static @Nullable String externalName(Service service) {
    String name = isExternalName(service) ? service.getSpec().getExternalName() : null;
    if (name == null) {
      return null;
    }
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }

  private static List<ServicePort> ports(Service service) {
    return service.getSpec() == null || service.getSpec().getPorts() == null
        ? List.of()
        : service.getSpec().getPorts().stream().filter(Objects::nonNull).toList();
  }

  static boolean isTcp(@Nullable String protocol) {
    return protocol == null || protocol.isEmpty() || protocol.equals("TCP");
  }
}
