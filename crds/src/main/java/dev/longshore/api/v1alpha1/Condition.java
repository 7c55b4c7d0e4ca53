package dev.longshore.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** One condition of a status, with the fields and bounds of {@code metav1.Condition}. */
public record Condition(
    @JsonPropertyDescription("Accepted, ResolvedRefs, EndpointsReady or Programmed.")
        @Required
        @Size(min = 1, max = 316)
        @Nullable String type,
    @JsonPropertyDescription("True, False or Unknown.")
        @Required
        @Pattern("^(True|False|Unknown)$")
        @Size(max = 7)
        @Nullable String status,
    @JsonPropertyDescription("The metadata.generation that the condition was judged by.") @Min(0)
        @Nullable Long observedGeneration,
    @JsonPropertyDescription("When status last changed, in RFC 3339.") @Required @Size(max = 40)
        @Nullable String lastTransitionTime,
    @JsonPropertyDescription("Why, in one word for programs.")
        @Required
        @Pattern("^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$")
        @Size(min = 1, max = 1024)
        @Nullable String reason,
    @JsonPropertyDescription("Why, for people: names the field and says what would be right.")
        @Required
        @Size(max = 32768)
        @Nullable String message) {}
