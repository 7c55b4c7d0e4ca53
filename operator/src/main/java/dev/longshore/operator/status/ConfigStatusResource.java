package dev.longshore.operator.status;

import dev.longshore.api.v1alpha1.LongshoreConfigStatus;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;

/** A LongshoreConfig of which only metadata and status are read. */
@Group("longshore.dev")
@Version("v1alpha1")
@Kind("LongshoreConfig")
@Plural("longshoreconfigs")
public final class ConfigStatusResource extends CustomResource<Void, LongshoreConfigStatus> {
  @Override
  public void setMetadata(ObjectMeta metadata) {
    super.setMetadata(Metadata.stripped(metadata));
  }
}
