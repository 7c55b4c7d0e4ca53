package dev.longshore.operator.status;

import dev.longshore.api.v1alpha1.Condition;
import dev.longshore.api.v1alpha1.LongshoreConfigStatus;
import dev.longshore.operator.source.Kind;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Writes the status of LongshoreConfigs. */
@ControllerConfiguration(name = "longshoreconfig-status", generationAwareEventProcessing = false)
final class ConfigStatusReconciler extends StatusReconciler<ConfigStatusResource> {
  private static final LongshoreConfigStatus NONE = new LongshoreConfigStatus(null, null);

  ConfigStatusReconciler(StatusContext status) {
    super(Kind.LONGSHORE_CONFIG, status);
  }

  @Override
  ConfigStatusResource fresh() {
    return new ConfigStatusResource();
  }

  @Override
  boolean hasStatus(ConfigStatusResource present) {
    return present.getStatus() != null && !present.getStatus().equals(NONE);
  }

  @Override
  boolean saysProgrammed(ConfigStatusResource present, long generation) {
    return present.getStatus() != null
        && Conditions.isProgrammed(present.getStatus().conditions(), generation);
  }

  @Override
  @Nullable ConfigStatusResource wanted(
      ConfigStatusResource present, Finding finding, ConfigStatusResource fresh) {
    LongshoreConfigStatus before = Objects.requireNonNullElse(present.getStatus(), NONE);
    List<Condition> conditions =
        Conditions.of(
            finding.verdict(),
            finding.progress(),
            finding.generation(),
            before.conditions(),
            Instant.now());
    if (Objects.equals(before.observedGeneration(), finding.generation())
        && conditions.equals(before.conditions())) {
      return null;
    }
    fresh.setStatus(new LongshoreConfigStatus(finding.generation(), conditions));
    return fresh;
  }
}
