package dev.longshore.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import org.jspecify.annotations.Nullable;

/** Says which hosts and paths go to which upstream pools, and under which policy. */
@Group("longshore.dev")
@Version("v1alpha1")
@Singular("websocketroute")
@Plural("websocketroutes")
@ShortNames("wsr")
@Categories("longshore")
@SchemaCustomizer(
    value = Description.class,
    input =
        "Says which hosts and paths go to which upstream pools, and under which policy. Plain HTTP"
            + " and WebSocket upgrades are both served; no change of it drops an open connection.")
@AdditionalPrinterColumn(name = "Hosts", jsonPath = ".spec.hosts")
@AdditionalPrinterColumn(name = "Owner", jsonPath = ".status.hostOwner")
@AdditionalPrinterColumn(
    name = "Accepted",
    jsonPath = ".status.conditions[?(@.type==\"Accepted\")].status")
@AdditionalPrinterColumn(
    name = "Programmed",
    jsonPath = ".status.conditions[?(@.type==\"Programmed\")].status")
@AdditionalPrinterColumn(
    name = "Endpoints",
    jsonPath = ".status.conditions[?(@.type==\"EndpointsReady\")].status")
@AdditionalPrinterColumn(
    name = "Age",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE)
public final class WebSocketRoute extends CustomResource<WebSocketRouteSpec, WebSocketRouteStatus>
    implements Namespaced {

  @Override
  @Required
  @JsonPropertyDescription("What is wanted: hosts, upstream pools, location rules, policy.")
  public @Nullable WebSocketRouteSpec getSpec() {
    return super.getSpec();
  }

  @Override
  @JsonPropertyDescription("What the operator and the data planes made of it.")
  public @Nullable WebSocketRouteStatus getStatus() {
    return super.getStatus();
  }
}
