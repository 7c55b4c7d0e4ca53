package dev.longshore.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the operator made of a {@link LongshoreConfig}. */
@SchemaCustomizer(value = ListTypes.class, input = "conditions=map:type")
public record LongshoreConfigStatus(
    @JsonPropertyDescription("The metadata.generation that this status is about.") @Min(0)
        @Nullable Long observedGeneration,
    @JsonPropertyDescription("Accepted, ResolvedRefs and Programmed.") @Size(max = 8)
        @Nullable List<Condition> conditions) {

  public LongshoreConfigStatus {
    conditions = ImmutableLists.copy("conditions", conditions);
  }
}
