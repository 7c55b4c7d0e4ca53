package dev.longshore.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import org.jspecify.annotations.Nullable;

/**
 * Says what all data planes of an IngressClass share and what changes without a restart. An
 * IngressClass names it in {@code spec.parameters}.
 */
@Group("longshore.dev")
@Version("v1alpha1")
@Singular("longshoreconfig")
@Plural("longshoreconfigs")
@Categories("longshore")
@SchemaCustomizer(
    value = Description.class,
    input =
        "Says what all data planes of an IngressClass share and what changes without a restart. An"
            + " IngressClass names it in spec.parameters.")
@AdditionalPrinterColumn(
    name = "Accepted",
    jsonPath = ".status.conditions[?(@.type==\"Accepted\")].status")
@AdditionalPrinterColumn(
    name = "Programmed",
    jsonPath = ".status.conditions[?(@.type==\"Programmed\")].status")
@AdditionalPrinterColumn(
    name = "Age",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE)
public final class LongshoreConfig
    extends CustomResource<LongshoreConfigSpec, LongshoreConfigStatus> {

  @Override
  @Required
  @JsonPropertyDescription("What is wanted; every field may be left out.")
  public @Nullable LongshoreConfigSpec getSpec() {
    return super.getSpec();
  }

  @Override
  @JsonPropertyDescription("What the operator made of it.")
  public @Nullable LongshoreConfigStatus getStatus() {
    return super.getStatus();
  }
}
