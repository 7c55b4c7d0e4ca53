package dev.longshore.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** A ConfigMap or Secret in the resource's own namespace. */
public record LocalRef(
    @JsonPropertyDescription("ConfigMap or Secret.") @Required @Nullable Kind kind,
    @JsonPropertyDescription("Its name, in the namespace of this resource.")
        @Required
        @Pattern(Formats.OBJECT_NAME)
        @Size(min = 1, max = Formats.OBJECT_NAME_MAX)
        @Nullable String name) {

  /** What a {@link LocalRef} refers to. */
  public enum Kind {
    @JsonProperty("ConfigMap")
    CONFIG_MAP,
    @JsonProperty("Secret")
    SECRET
  }
}
