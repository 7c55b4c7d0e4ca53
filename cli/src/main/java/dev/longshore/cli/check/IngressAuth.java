package dev.longshore.cli.check;

import dev.longshore.api.v1alpha1.Auth;
import dev.longshore.api.v1alpha1.ServiceRef;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.translate.foreign.ForeignAnnotations;
import dev.longshore.operator.translate.ingress.IngressAnnotations;
import dev.longshore.operator.translate.ingress.nginx.NginxAnnotations;
import dev.longshore.operator.translate.policy.BasicReader;
import dev.longshore.operator.translate.policy.ExternalAuthReader;
import dev.longshore.operator.translate.policy.Leaf;
import dev.longshore.operator.translate.policy.Source;
import dev.longshore.operator.translate.policy.Stated;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Who may come, as the annotations of an Ingress say it: ours, and those of ingress-nginx. */
final class IngressAuth {
  /** Ours go before the others. */
  private final List<Source> sources;

  private IngressAuth(List<Source> sources) {
    this.sources = sources;
  }

  static IngressAuth of(Ingress ingress) {
    Map<String, String> annotations = ingress.getMetadata().getAnnotations();
    NginxAnnotations nginx = new NginxAnnotations(annotations, ResourceRef.of(ingress).namespace());
    return new IngressAuth(
        List.of(
            new IngressAnnotations(annotations).policy(),
            new ForeignAnnotations(annotations, nginx, false).served().guards()));
  }

  /** The Secret with the users; null: nobody is asked for a password. */
  @Nullable String users() {
    Auth.Basic basic = find(BasicReader.BASIC);
    return basic == null ? null : basic.secretName();
  }

  /** The Service that is asked; null: none is. */
  @Nullable ServiceRef service() {
    Auth.External external = find(ExternalAuthReader.EXTERNAL);
    return external == null ? null : external.service();
  }

  private <V> @Nullable V find(Leaf<V, ?> leaf) {
    for (Source source : sources) {
      Stated<V> stated = source.find(leaf);
      if (stated != null) {
        return stated.value();
      }
    }
    return null;
  }
}
