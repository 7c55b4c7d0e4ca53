package dev.longshore.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The samples hold every field of the API; the CRDs and the Java types know them all. */
final class SampleTest {
  enum Sample {
    ROUTE("/sample.yaml", WebSocketRoute.class),
    CONFIG("/config.yaml", LongshoreConfig.class);

    private final String resource;
    private final Class<? extends CustomResource<?, ?>> type;

    Sample(String resource, Class<? extends CustomResource<?, ?>> type) {
      this.resource = resource;
      this.type = type;
    }

    ObjectNode manifest() {
      return Admission.manifest(resource);
    }

    Admission admission() {
      return switch (this) {
        case ROUTE -> Admission.OF_ROUTES;
        case CONFIG -> Admission.OF_CONFIGS;
      };
    }
  }

  @ParameterizedTest
  @EnumSource
  void schemaTakesTheSample(Sample sample) {
    assertThat(sample.admission().schemaErrors(sample.manifest())).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void javaTypesLoseNothing(Sample sample) throws JsonProcessingException {
    KubernetesSerialization serialization = new KubernetesSerialization();
    CustomResource<?, ?> resource =
        serialization.unmarshal(sample.manifest().toString(), sample.type);

    JsonNode again = new ObjectMapper().readTree(serialization.asJson(resource));

    assertThat(again).isEqualTo(sample.manifest());
    assertThat(serialization.unmarshal(again.toString(), sample.type)).isEqualTo(resource);
  }

  @Test
  void aPlainObjectMapperReadsThemTooAndKeepsAbsentFromEmpty() throws JsonProcessingException {
    Policy policy =
        new ObjectMapper().readValue("{\"upgrade\": \"Require\", \"origins\": []}", Policy.class);

    assertThat(policy.upgrade()).isEqualTo(Policy.Upgrade.REQUIRE);
    assertThat(policy.origins()).isEmpty();
    assertThat(policy.subprotocols()).isNull();
  }

  @ParameterizedTest
  @EnumSource
  void anUnknownFieldIsRefusedAtEveryLevel(Sample sample) {
    KubernetesSerialization serialization = new KubernetesSerialization();
    for (String pointer : objects("", sample.manifest())) {
      if (pointer.startsWith("/metadata")) {
        continue;
      }
      ObjectNode manifest = sample.manifest();
      ((ObjectNode) manifest.at(pointer)).put("surprise", "x");

      assertThat(sample.admission().schemaErrors(manifest))
          .as("schema at %s", pointer)
          .singleElement()
          .asString()
          .contains("surprise");
      assertThatThrownBy(() -> serialization.unmarshal(manifest.toString(), sample.type))
          .as("Java type at %s", pointer)
          .hasStackTraceContaining("surprise");
    }
  }

  @Test
  void theSampleHoldsEveryFieldOfTheSchema() {
    assertThat(unused(Admission.OF_ROUTES.schema(), Sample.ROUTE.manifest()))
        .filteredOn(path -> !path.startsWith("spec.locations[].policy."))
        // Shapes that the sample shows elsewhere: a port by name, a header's value. And what of
        // other probes than its own.
        .containsExactly(
            "spec.policy.auth.external.service.port.name",
            "spec.policy.headers.request.set[].value",
            "spec.policy.headers.response.set[].valueFrom",
            "spec.upstreams[].healthCheck.active.service");
    assertThat(unused(Admission.OF_CONFIGS.schema(), Sample.CONFIG.manifest()))
        .allMatch(path -> path.startsWith("spec.defaults.policy."));
  }

  @Test
  void aListItemWithoutAValueIsRefusedByName() {
    ObjectNode manifest = Sample.ROUTE.manifest();
    ((ArrayNode) manifest.at("/spec/policy/access/deny")).addNull();

    assertThat(Admission.OF_ROUTES.schemaErrors(manifest)).hasSize(1);
    assertThatThrownBy(
            () ->
                new KubernetesSerialization().unmarshal(manifest.toString(), WebSocketRoute.class))
        .hasStackTraceContaining("deny[1] is null");
  }

  /** The JSON pointers of all objects in a tree. */
  private static List<String> objects(String pointer, JsonNode node) {
    List<String> found = new ArrayList<>();
    if (node.isObject()) {
      found.add(pointer);
      node.properties()
          .forEach(e -> found.addAll(objects(pointer + "/" + e.getKey(), e.getValue())));
    } else {
      for (int i = 0; i < node.size(); i++) {
        found.addAll(objects(pointer + "/" + i, node.get(i)));
      }
    }
    return found;
  }

  private static Set<String> unused(JsonNode schema, JsonNode manifest) {
    Set<String> unused = new TreeSet<>();
    collectUnused("", schema, List.of(manifest), unused);
    return unused;
  }

  private static void collectUnused(
      String path, JsonNode schema, List<JsonNode> values, Set<String> unused) {
    if (schema.has("items")) {
      List<JsonNode> items = new ArrayList<>();
      values.forEach(list -> list.forEach(items::add));
      collectUnused(path + "[]", schema.get("items"), items, unused);
    }
    for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
      String below = path.isEmpty() ? property.getKey() : path + "." + property.getKey();
      List<JsonNode> present =
          values.stream()
              .filter(value -> value.has(property.getKey()))
              .map(value -> value.get(property.getKey()))
              .toList();
      if (present.isEmpty()) {
        unused.add(below);
      } else {
        collectUnused(below, property.getValue(), present, unused);
      }
    }
  }
}
