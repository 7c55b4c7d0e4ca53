package dev.longshore.api.v1alpha1;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Takes or refuses a manifest by a committed CRD as an API server with strict field validation
 * does: first the schema, where unknown fields are errors, then the CEL rules.
 */
final class Admission {
  static final Admission OF_ROUTES = new Admission("websocketroutes.longshore.dev.yaml");
  static final Admission OF_CONFIGS = new Admission("longshoreconfigs.longshore.dev.yaml");

  private static final YAMLMapper YAML = new YAMLMapper();

  /** CEL knows one type of integer, and it is a long. */
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.USE_LONG_FOR_INTS);

  // Kubernetes' own CEL functions, here only as good as the tests need them.
  private static final Pattern IP =
      Pattern.compile("((25[0-5]|2[0-4]\\d|1?\\d?\\d)(\\.(?!$)|$)){4}|[0-9a-f:]*::?[0-9a-f:]*");

  private static final CelCompiler COMPILER =
      CelCompilerFactory.standardCelCompilerBuilder()
          .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
          .addVar("self", SimpleType.DYN)
          .addFunctionDeclarations(
              CelFunctionDecl.newFunctionDeclaration(
                  "isIP",
                  CelOverloadDecl.newGlobalOverload("isIP", SimpleType.BOOL, SimpleType.STRING)),
              CelFunctionDecl.newFunctionDeclaration(
                  "isCIDR",
                  CelOverloadDecl.newGlobalOverload("isCIDR", SimpleType.BOOL, SimpleType.STRING)),
              CelFunctionDecl.newFunctionDeclaration(
                  "lowerAscii",
                  CelOverloadDecl.newMemberOverload(
                      "lowerAscii", SimpleType.STRING, SimpleType.STRING)))
          .build();

  private static final CelRuntime RUNTIME =
      CelRuntimeFactory.standardCelRuntimeBuilder()
          .addFunctionBindings(
              CelFunctionBinding.from("lowerAscii", String.class, s -> s.toLowerCase(Locale.ROOT)),
              CelFunctionBinding.from("isIP", String.class, s -> IP.matcher(s).matches()),
              CelFunctionBinding.from(
                  "isCIDR",
                  String.class,
                  s -> IP.matcher(s.substring(0, s.indexOf('/'))).matches()))
          .build();

  private final JsonNode schema;
  private final JsonSchema validator;

  private Admission(String file) {
    try {
      JsonNode crd =
          new YAMLMapper().readTree(Path.of(System.getProperty("basedir", "."), file).toFile());
      this.schema = crd.at("/spec/versions/0/schema/openAPIV3Schema");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    ObjectNode strict = schema.deepCopy();
    ObjectNode properties = (ObjectNode) strict.get("properties");
    List.of("apiVersion", "kind", "metadata").forEach(properties::putObject);
    refuseUnknown(strict);
    this.validator =
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(strict);
  }

  /** A manifest from the test's resources, as a tree that a test may change. */
  static ObjectNode manifest(String resource) {
    try (InputStream in = Objects.requireNonNull(Admission.class.getResourceAsStream(resource))) {
      return (ObjectNode) YAML.readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The schema as it is committed. */
  JsonNode schema() {
    return schema;
  }

  /** What the schema has against the manifest: one message per error, each with its path. */
  List<String> schemaErrors(JsonNode manifest) {
    return validator.validate(manifest).stream().map(Object::toString).sorted().toList();
  }

  /** The messages of the rules that the manifest breaks, wherever they are in the schema. */
  List<String> brokenRules(JsonNode manifest) {
    List<String> broken = new ArrayList<>();
    collectBroken(schema, manifest, broken);
    return broken;
  }

  private static void collectBroken(JsonNode schema, JsonNode value, List<String> broken) {
    for (JsonNode rule : schema.path("x-kubernetes-validations")) {
      if (!Boolean.TRUE.equals(eval(rule.get("rule").asText(), value))) {
        broken.add(rule.get("message").asText());
      }
    }
    for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
      if (value.has(property.getKey())) {
        collectBroken(property.getValue(), value.get(property.getKey()), broken);
      }
    }
    if (schema.has("items")) {
      value.forEach(item -> collectBroken(schema.get("items"), item, broken));
    }
  }

  private static Object eval(String expression, JsonNode self) {
    try {
      return RUNTIME
          .createProgram(COMPILER.compile(expression).getAst())
          .eval(Map.of("self", JSON.convertValue(self, Object.class)));
    } catch (CelValidationException | CelEvaluationException e) {
      throw new IllegalStateException(expression, e);
    }
  }

  private static void refuseUnknown(JsonNode schema) {
    if (schema instanceof ObjectNode object && object.path("type").isTextual()) {
      if (object.has("properties")) {
        object.put("additionalProperties", false);
      }
      object.remove(
          List.of(
              "x-kubernetes-validations", "x-kubernetes-list-type", "x-kubernetes-list-map-keys"));
    }
    schema.forEach(Admission::refuseUnknown);
  }
}
