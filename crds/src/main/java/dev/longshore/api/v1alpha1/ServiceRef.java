package dev.longshore.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** A port of a Service in the resource's own namespace. */
public record ServiceRef(
    @JsonPropertyDescription("The Service's name, in the namespace of this resource.")
        @Required
        @Pattern(Formats.LABEL)
        @Size(min = 1, max = Formats.LABEL_MAX)
        @Nullable String name,
    @JsonPropertyDescription("The Service's port: exactly one of number and name.") @Required
        @Nullable Port port) {

  /** A port by its number or by its name. */
  @ValidationRule(
      value = "has(self.number) != has(self.name)",
      message = "give exactly one of number and name")
  public record Port(
      @JsonPropertyDescription("The number of the Service's port (not the target port).")
          @Min(1)
          @Max(65535)
          @Nullable Integer number,
      @JsonPropertyDescription("The name of the Service's port.")
          @Pattern(Formats.LABEL)
          @Size(min = 1, max = Formats.LABEL_MAX)
          @Nullable String name) {}
}
