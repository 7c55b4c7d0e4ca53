package dev.longshore.operator.status;

import dev.longshore.api.v1alpha1.WebSocketRouteStatus;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;

/**
 * A WebSocketRoute of which only metadata and status are read: the view has the rest, and whatever
 * is in a spec, it can't keep the status from being read.
 */
@Group("longshore.dev")
@Version("v1alpha1")
@Kind("WebSocketRoute")
@Plural("websocketroutes")
public final class RouteStatusResource extends CustomResource<Void, WebSocketRouteStatus>
    implements Namespaced {
  @Override
  public void setMetadata(ObjectMeta metadata) {
    super.setMetadata(Metadata.stripped(metadata));
  }
}
