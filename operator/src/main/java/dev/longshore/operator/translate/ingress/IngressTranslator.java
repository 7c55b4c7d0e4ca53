package dev.longshore.operator.translate.ingress;

import dev.longshore.operator.source.Kind;
import dev.longshore.operator.translate.claim.Claims;
import dev.longshore.operator.translate.claim.ClassName;
import dev.longshore.operator.translate.claim.Demand;
import dev.longshore.operator.translate.claim.PlacesOnly;
import dev.longshore.operator.translate.claim.Quota.Use;
import dev.longshore.operator.translate.claim.ResourceTranslator;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.IngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.IngressSpec;
import io.fabric8.kubernetes.api.model.networking.v1.IngressTLS;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What Ingresses mean. */
public final class IngressTranslator implements ResourceTranslator<Ingress> {
  @Override
  public Kind kind() {
    return Kind.INGRESS;
  }

  /** Folders hold the Ingresses of all controllers. */
  @Override
  public ClassName className(Ingress ingress) {
    return IngressClassNames.of(ingress);
  }

  @Override
  public Claims read(Ingress ingress, Context context) {
    return IngressReader.read(ingress, context);
  }

  @Override
  public Ingress placesOnly(Ingress ingress) {
    return ingress.getSpec() == null
        ? ingress
        : new IngressBuilder(ingress)
            .withMetadata(PlacesOnly.metadata(ingress.getMetadata()))
            .editSpec()
            .withTls(List.of())
            .endSpec()
            .build();
  }

  /** A default backend is a rule of every host. */
  @Override
  public Use atLeast(Ingress ingress) {
    IngressSpec spec = ingress.getSpec();
    if (spec == null) {
      return Use.NONE;
    }
    int each = spec.getDefaultBackend() == null ? 0 : 1;
    long rules = each;
    if (spec.getRules() != null) {
      for (IngressRule rule : spec.getRules()) {
        rules += each;
        rules += rule == null || rule.getHttp() == null ? 0 : size(rule.getHttp().getPaths());
      }
    }
    return new Use(rules + tlsAlone(spec), 0, 0, 0, rules * Demand.RULE_BYTES);
  }

  /**
   * Hosts that have an entry of TLS and no rule: they are claimed and looked after all the same.
   */
  private static long tlsAlone(IngressSpec spec) {
    if (spec.getTls() == null || spec.getTls().isEmpty()) {
      return 0;
    }
    Set<String> hosts = new HashSet<>();
    for (IngressTLS tls : spec.getTls()) {
      if (tls != null && tls.getHosts() != null) {
        hosts.addAll(tls.getHosts());
      }
    }
    if (spec.getRules() != null) {
      for (IngressRule rule : spec.getRules()) {
        hosts.remove(rule == null ? null : rule.getHost());
      }
    }
    return hosts.size();
  }

  private static int size(@Nullable List<?> list) {
    return list == null ? 0 : list.size();
  }
}
