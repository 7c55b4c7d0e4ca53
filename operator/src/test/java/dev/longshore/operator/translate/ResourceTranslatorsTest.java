package dev.longshore.operator.translate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.operator.source.Kind;
import dev.longshore.operator.translate.claim.ResourceTranslator;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ResourceTranslatorsTest {
  @ParameterizedTest
  @EnumSource
  void aKindWithRulesHasOneOfItsOwn(Kind kind) {
    ResourceTranslator<?> translator = ResourceTranslators.of(kind);
    assertThat(translator == null ? null : translator.kind())
        .isEqualTo(kind.routes() ? kind : null);
  }

  @Test
  void noneMayBeForgotten() {
    assertThatThrownBy(
            () ->
                new ResourceTranslators(k -> k == Kind.INGRESS ? null : ResourceTranslators.of(k)))
        .hasMessage("Ingress has rules and no translator");
  }

  @Test
  void whatHasNoRulesIsNotTakenForARoute() {
    Secret secret = new SecretBuilder().withNewMetadata().withName("a").endMetadata().build();
    assertThatThrownBy(() -> new ResourceTranslators().className(secret))
        .hasMessage("Secret has no rules");
  }
}
