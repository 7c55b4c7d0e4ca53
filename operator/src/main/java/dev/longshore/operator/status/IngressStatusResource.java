package dev.longshore.operator.status;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.networking.v1.IngressStatus;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;

/** An Ingress of which only metadata and status are read. */
@Group("networking.k8s.io")
@Version("v1")
@Kind("Ingress")
@Plural("ingresses")
public final class IngressStatusResource extends CustomResource<Void, IngressStatus>
    implements Namespaced {
  @Override
  public void setMetadata(ObjectMeta metadata) {
    super.setMetadata(Metadata.stripped(metadata));
  }
}
