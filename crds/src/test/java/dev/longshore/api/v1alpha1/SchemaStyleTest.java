package dev.longshore.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What holds for every field of the CRDs. The bounds are not only manners: the API server refuses a
 * CRD whose CEL rules could cost too much, and without a maximum it expects the worst.
 */
final class SchemaStyleTest {
  static Stream<JsonNode> schemas() {
    return Stream.of(Admission.OF_ROUTES.schema(), Admission.OF_CONFIGS.schema());
  }

  @ParameterizedTest
  @MethodSource("schemas")
  void everyFieldIsDescribed(JsonNode schema) {
    assertThat(schema.path("description").asText()).isNotBlank();
    eachProperty(
        "",
        schema,
        (path, field) ->
            assertThat(field.path("description").asText()).as(path).isNotBlank().endsWith("."));
  }

  @ParameterizedTest
  @MethodSource("schemas")
  void everyValueIsBounded(JsonNode schema) {
    eachSchema(
        "",
        schema,
        (path, field) -> {
          switch (field.path("type").asText()) {
            case "string" ->
                assertThat(field.has("maxLength") || field.has("enum")).as(path).isTrue();
            case "array" -> {
              assertThat(field.has("maxItems")).as(path).isTrue();
              assertThat(field.path("x-kubernetes-list-type").asText())
                  .as(path)
                  .isIn("atomic", "map", "set");
            }
            case "integer" -> {
              assertThat(field.has("minimum")).as(path).isTrue();
              assertThat(field.has("maximum") || isCount(path)).as(path).isTrue();
            }
            case "object" -> assertThat(field.has("properties")).as(path).isTrue();
            default -> throw new AssertionError(path + ": " + field);
          }
        });
  }

  @ParameterizedTest
  @MethodSource("schemas")
  void belowPolicyNothingIsDefaulted(JsonNode schema) {
    eachSchema(
        "",
        schema,
        (path, field) -> {
          if (path.contains(".policy.")) {
            assertThat(field.has("default")).as(path).isFalse();
          }
        });
  }

  @ParameterizedTest
  @MethodSource("schemas")
  void belowPolicyNothingIsRequiredButInListsAndReferences(JsonNode schema) {
    eachSchema(
        "",
        schema,
        (path, field) -> {
          String inPolicy = path.replaceFirst(".*\\.policy\\.", "");
          if (path.contains(".policy.")
              && !inPolicy.contains("[]")
              && !inPolicy.endsWith(".service")
              && !inPolicy.endsWith(".jwks")
              && !inPolicy.endsWith("Ref")) {
            assertThat(field.path("required")).as(path).isEmpty();
          }
        });
  }

  @ParameterizedTest
  @MethodSource("schemas")
  void everyRuleHasAMessageAndNamesAFieldThatIs(JsonNode schema) {
    eachSchema(
        "",
        schema,
        (path, field) -> {
          for (JsonNode rule : field.path("x-kubernetes-validations")) {
            assertThat(rule.path("message").asText()).as(path).isNotBlank();
            String pointer = rule.path("fieldPath").asText().replace(".", "/properties/");
            assertThat(field.at(pointer).isMissingNode()).as("%s: %s", path, rule).isFalse();
          }
        });
  }

  /** Numbers that only the operator writes. */
  private static boolean isCount(String path) {
    return path.startsWith(".status.");
  }

  private static void eachProperty(
      String path, JsonNode schema, BiConsumer<String, JsonNode> check) {
    for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
      String below = path + "." + property.getKey();
      check.accept(below, property.getValue());
      eachProperty(below, property.getValue(), check);
    }
    if (schema.has("items")) {
      eachProperty(path + "[]", schema.get("items"), check);
    }
  }

  private static void eachSchema(String path, JsonNode schema, BiConsumer<String, JsonNode> check) {
    check.accept(path, schema);
    for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
      eachSchema(path + "." + property.getKey(), property.getValue(), check);
    }
    if (schema.has("items")) {
      eachSchema(path + "[]", schema.get("items"), check);
    }
  }
}
