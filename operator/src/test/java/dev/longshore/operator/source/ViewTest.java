package dev.longshore.operator.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBuilder;
import org.junit.jupiter.api.Test;

class ViewTest {

  @Test
  void whatOnlyBookkeepingChangesIsTheSame() {
    View view = View.EMPTY.with(ingress().build());
    Ingress resynced =
        ingress()
            .editMetadata()
            .withResourceVersion("7")
            .addNewManagedField()
            .withManager("somebody")
            .endManagedField()
            .endMetadata()
            .withNewStatus()
            .endStatus()
            .build();
    assertThat(view.with(resynced)).isSameAs(view);
  }

  @Test
  void anAnnotationMatters() {
    View view = View.EMPTY.with(ingress().build());
    Ingress annotated =
        ingress().editMetadata().addToAnnotations("longshore.dev/ping", "0s").endMetadata().build();
    assertThat(view.with(annotated)).isNotSameAs(view);
    assertThat(view.with(annotated).size()).isEqualTo(1);
  }

  @Test
  void aResourceCanBeTakenOut() {
    View view = View.EMPTY.with(ingress().build());
    ResourceRef ref = new ResourceRef(Kind.INGRESS, "default", "web");
    assertThat(view.get(ref)).isNotNull();
    assertThat(view.without(ref).get(ref)).isNull();
    assertThat(View.EMPTY.without(ref)).isSameAs(View.EMPTY);
  }

  @Test
  void showsNoSecret() {
    Secret secret =
        new SecretBuilder()
            .withNewMetadata()
            .withName("s")
            .endMetadata()
            .addToStringData("password", "hunter2")
            .build();
    assertThat(View.EMPTY.with(secret).toString()).doesNotContain("hunter2");
  }

  @Test
  void otherKindsAndNamelessResourcesAreRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> View.EMPTY.with(new Pod()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> View.EMPTY.with(new Ingress()))
        .withMessageContaining("metadata.name");
  }

  private static IngressBuilder ingress() {
    return new IngressBuilder()
        .withNewMetadata()
        .withName("web")
        .endMetadata()
        .withNewSpec()
        .withIngressClassName("longshore")
        .endSpec();
  }
}
