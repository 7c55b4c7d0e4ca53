package dev.longshore.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the operator and the data planes made of a {@link WebSocketRoute}. */
@SchemaCustomizer(value = ListTypes.class, input = "conditions=map:type addresses=atomic")
public record WebSocketRouteStatus(
    @JsonPropertyDescription("The metadata.generation that this status is about.") @Min(0)
        @Nullable Long observedGeneration,
    @JsonPropertyDescription("Accepted, ResolvedRefs, EndpointsReady and Programmed.")
        @Size(max = 8)
        @Nullable List<Condition> conditions,
    @JsonPropertyDescription("Where clients reach the route.") @Size(max = 16)
        @Nullable List<Address> addresses,
    @JsonPropertyDescription("How far the route has come on the data planes.")
        @Nullable DataPlanes dataPlanes,
    @JsonPropertyDescription(
            "The namespaces that the route's hosts belong to, separated by commas: its own, unless"
                + " others claimed them before.")
        @Size(max = 1100)
        @Nullable String hostOwner) {

  public WebSocketRouteStatus {
    conditions = ImmutableLists.copy("conditions", conditions);
    addresses = ImmutableLists.copy("addresses", addresses);
  }

  /** One address under which clients reach the data planes. */
  public record Address(
      @JsonPropertyDescription("IPAddress or Hostname.") @Required @Nullable AddressType type,
      @JsonPropertyDescription("The address itself.")
          @Required
          @Size(min = 1, max = Formats.HOST_MAX)
          @Nullable String value) {}

  /** How an {@link Address} is to be read. */
  public enum AddressType {
    @JsonProperty("IPAddress")
    IP_ADDRESS,
    @JsonProperty("Hostname")
    HOSTNAME
  }

  /** How many data planes there are, and how many of them acknowledged the route. */
  public record DataPlanes(
      @JsonPropertyDescription("Data planes that are ready.") @Min(0) @Nullable Integer ready,
      @JsonPropertyDescription("Of these, the ones that acknowledged this generation.") @Min(0)
          @Nullable Integer programmed) {}
}
