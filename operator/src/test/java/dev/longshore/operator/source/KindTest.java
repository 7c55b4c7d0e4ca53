package dev.longshore.operator.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class KindTest {
  @ParameterizedTest
  @EnumSource
  void saysOfItselfWhatItsTypeSays(Kind kind) {
    assertThat(kind.label()).isEqualTo(HasMetadata.getKind(kind.type()));
    assertThat(kind.apiVersion()).isEqualTo(HasMetadata.getApiVersion(kind.type()));
    assertThat(kind.group()).isEqualTo(HasMetadata.getGroup(kind.type()));
    assertThat(kind.version()).isEqualTo(HasMetadata.getVersion(kind.type()));
    assertThat(kind.plural()).isEqualTo(HasMetadata.getPlural(kind.type()));
    assertThat(kind.namespaced()).isEqualTo(Namespaced.class.isAssignableFrom(kind.type()));
    assertThat(Kind.labelled(kind.label())).isEqualTo(kind);
    assertThat(ResourceRef.of(kind.label(), "a", "b")).isEqualTo(new ResourceRef(kind, "a", "b"));
  }

  @ParameterizedTest
  @EnumSource
  void isTrimmedToItsOwnType(Kind kind) throws ReflectiveOperationException {
    HasMetadata resource = kind.type().getConstructor().newInstance();
    ObjectMeta metadata =
        new ObjectMetaBuilder().withName("a").withNamespace("b").addToLabels("x", "y").build();
    resource.setMetadata(metadata);
    HasMetadata trimmed = kind.trim(resource, annotation -> true);
    assertThat(trimmed).isInstanceOf(kind.type()).isNotSameAs(resource);
    assertThat(trimmed.getMetadata().getName()).isEqualTo("a");
    assertThat(trimmed.getMetadata().getLabels()).isNullOrEmpty();
    assertThat(kind.same(trimmed, trimmed)).isTrue();
    // Whoever claims hosts is told when there is no room for it.
    assertThat(kind.stub(resource) != null || !kind.routes()).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void takesNoOthers(Kind kind) {
    HasMetadata other = new io.fabric8.kubernetes.api.model.Pod();
    assertThatThrownBy(() -> kind.trim(other, key -> true)).isInstanceOf(ClassCastException.class);
  }
}
