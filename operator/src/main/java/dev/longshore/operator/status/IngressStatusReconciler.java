package dev.longshore.operator.status;

import dev.longshore.api.v1alpha1.WebSocketRouteStatus.Address;
import dev.longshore.api.v1alpha1.WebSocketRouteStatus.AddressType;
import dev.longshore.operator.source.Kind;
import io.fabric8.kubernetes.api.model.networking.v1.IngressLoadBalancerIngress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressStatus;
import io.fabric8.kubernetes.api.model.networking.v1.IngressStatusBuilder;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes the addresses of Ingresses: there is no place for conditions. Their generation doesn't
 * tell of annotations, so it is not gone by.
 */
@ControllerConfiguration(name = "ingress-status", generationAwareEventProcessing = false)
final class IngressStatusReconciler extends StatusReconciler<IngressStatusResource> {
  IngressStatusReconciler(StatusContext status) {
    super(Kind.INGRESS, status);
  }

  @Override
  IngressStatusResource fresh() {
    return new IngressStatusResource();
  }

  @Override
  boolean hasStatus(IngressStatusResource present) {
    return !addresses(present).isEmpty();
  }

  @Override
  boolean saysProgrammed(IngressStatusResource present, long generation) {
    return hasStatus(present);
  }

  @Override
  @Nullable IngressStatusResource wanted(
      IngressStatusResource present, Finding finding, IngressStatusResource fresh) {
    if (!(finding.progress() instanceof Progress.Programmed) && !hasStatus(present)) {
      // Whoever waits for the address (external-dns, say) sends traffic to it.
      return null;
    }
    List<IngressLoadBalancerIngress> wanted =
        finding.addresses().stream().map(IngressStatusReconciler::address).toList();
    if (wanted.equals(addresses(present))) {
      return null;
    }
    IngressStatus status =
        new IngressStatusBuilder()
            .withNewLoadBalancer()
            .withIngress(wanted)
            .endLoadBalancer()
            .build();
    fresh.setStatus(status);
    return fresh;
  }

  private static IngressLoadBalancerIngress address(Address address) {
    IngressLoadBalancerIngress ingress = new IngressLoadBalancerIngress();
    if (address.type() == AddressType.IP_ADDRESS) {
      ingress.setIp(address.value());
    } else {
      ingress.setHostname(address.value());
    }
    return ingress;
  }

  /** Without ports, which nobody but the cloud's own controllers writes. */
  private static List<IngressLoadBalancerIngress> addresses(IngressStatusResource present) {
    IngressStatus status = present.getStatus();
    if (status == null
        || status.getLoadBalancer() == null
        || status.getLoadBalancer().getIngress() == null) {
      return List.of();
    }
    return status.getLoadBalancer().getIngress().stream().filter(Objects::nonNull).toList();
  }
}
