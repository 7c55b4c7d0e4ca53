package dev.longshore.api.v1alpha1;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The field tables of the reference pages in docs/ are what the CRDs say; with -Dgolden.rewrite
 * they are written. What stands outside the markers is written by hand.
 */
final class ReferencePagesTest {
  private static final Path DOCS = Path.of(System.getProperty("basedir", "."), "..", "docs");
  private static final String START =
      "<!-- fields, generated: mvn -q -pl crds test -Dgolden.rewrite -->\n";
  private static final String END = "<!-- end of fields -->";

  @TempDir private Path scratch;

  @ParameterizedTest
  @CsvSource({
    "websocketroutes.longshore.dev.yaml, websocketroute.md",
    "longshoreconfigs.longshore.dev.yaml, longshoreconfig.md"
  })
  void fieldsAreCurrent(String crdFile, String page) throws IOException {
    CustomResourceDefinition crd =
        Serialization.unmarshal(
            GeneratedCrds.generate(scratch).get(crdFile), CustomResourceDefinition.class);
    String text = Files.readString(DOCS.resolve(page));
    int start = text.indexOf(START) + START.length();
    int end = text.indexOf(END);
    assertThat(start)
        .as("%s has the line %s", page, START)
        .isGreaterThanOrEqualTo(START.length())
        .isLessThanOrEqualTo(end);
    String table =
        new FieldTable()
            .render(crd.getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema());
    String current = text.substring(0, start) + table + text.substring(end);
    if (Boolean.getBoolean("golden.rewrite")) {
      Files.writeString(DOCS.resolve(page), current);
    }
    assertThat(Files.readString(DOCS.resolve(page)))
        .as("docs/%s is stale; refresh it with: %s", page, GeneratedCrds.REFRESH)
        .isEqualTo(current);
  }

  /** Renders spec and status as Markdown, a section for each object below spec. */
  private static final class FieldTable {
    private final StringBuilder text = new StringBuilder();

    String render(JSONSchemaProps resource) {
      sections("spec", requireNonNull(resource.getProperties().get("spec")));
      sections("status", requireNonNull(resource.getProperties().get("status")));
      return text.append('\n').toString();
    }

    private void sections(String path, JSONSchemaProps object) {
      text.append("\n### `").append(path).append("`\n\n");
      if (object.getDescription() != null) {
        text.append(object.getDescription()).append("\n\n");
      }
      text.append("| field | type | what it says |\n|---|---|---|\n");
      Map<String, JSONSchemaProps> below = new TreeMap<>();
      rows(object, below);
      for (String rule : rules(object)) {
        text.append("\nRule: ").append(rule).append('\n');
      }
      below.forEach(
          (name, schema) -> {
            // A policy is the same everywhere: its fields are told once, under spec.policy.
            if (!name.equals("policy") || path.equals("spec")) {
              sections(path + "." + name, schema);
            }
          });
    }

    private void rows(JSONSchemaProps object, Map<String, JSONSchemaProps> below) {
      new TreeMap<>(object.getProperties())
          .forEach(
              (name, schema) -> {
                JSONSchemaProps element = schema;
                String shown = name;
                if ("array".equals(schema.getType())) {
                  element = schema.getItems().getSchema();
                  shown += "[]";
                }
                boolean required =
                    object.getRequired() != null && object.getRequired().contains(name);
                text.append("| `").append(shown).append('`').append(required ? " (required)" : "");
                text.append(" | ").append(type(schema, element)).append(" | ");
                text.append(cell(schema.getDescription() == null ? "" : schema.getDescription()));
                for (String rule : element == schema ? List.<String>of() : rules(schema)) {
                  text.append(" Rule: ").append(cell(rule));
                }
                text.append(" |\n");
                if (element.getProperties() != null && !element.getProperties().isEmpty()) {
                  below.put(shown, element);
                }
              });
    }

    private static List<String> rules(JSONSchemaProps schema) {
      List<String> messages = new ArrayList<>();
      for (ValidationRule rule : schema.getXKubernetesValidations()) {
        if (rule.getMessage() != null) {
          messages.add(rule.getMessage());
        }
      }
      return messages;
    }

    private static String type(JSONSchemaProps schema, JSONSchemaProps element) {
      StringBuilder type = new StringBuilder();
      if (element.getEnum() != null && !element.getEnum().isEmpty()) {
        type.append(
            String.join(
                ", ", element.getEnum().stream().map(v -> "`" + v.asText() + "`").toList()));
      } else {
        type.append(element.getType());
        if (element.getMinimum() != null || element.getMaximum() != null) {
          type.append(", ").append(number(element.getMinimum()));
          type.append(" to ").append(number(element.getMaximum()));
        }
        if (element.getMaxLength() != null) {
          type.append(", at most ").append(element.getMaxLength()).append(" characters");
        }
      }
      if (schema != element) {
        type.insert(0, "list of ");
        if (schema.getMaxItems() != null) {
          type.append("; at most ").append(schema.getMaxItems());
        }
      }
      if (schema.getDefault() != null) {
        type.append("; default `").append(schema.getDefault().asText()).append('`');
      }
      return type.toString();
    }

    private static String number(Double bound) {
      return bound == null ? "…" : String.valueOf(bound.longValue());
    }

    private static String cell(String prose) {
      return prose.replace("|", "\\|").replace("\n", " ");
    }
  }
}
