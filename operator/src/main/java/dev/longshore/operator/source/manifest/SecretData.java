package dev.longshore.operator.source.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longshore.operator.source.manifest.Tree.Mapping;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The entries of a Secret as the API server keeps them; says nothing of their values. */
final class SecretData {
  private static final Pattern KEY = Pattern.compile("[-._a-zA-Z0-9]{1,253}");

  private SecretData() {}

  /** As the API server does: stringData goes over data, encoded, and is gone. */
  static void merge(ObjectNode json, Mapping mapping, String prefix, List<Fault> faults) {
    for (String field : List.of("data", "stringData")) {
      for (Map.Entry<String, JsonNode> entry : json.path(field).properties()) {
        String path = field + "[" + entry.getKey() + "]";
        if (!KEY.matcher(entry.getKey()).matches()) {
          faults.add(
              new Fault(
                  FieldPaths.find(mapping, path),
                  prefix + path,
                  "the key may hold letters, digits, '-', '_' and '.' only"));
        } else if (field.equals("data") && !isBase64(entry.getValue().asText())) {
          faults.add(
              new Fault(
                  FieldPaths.find(mapping, path),
                  prefix + path,
                  "is not base64; plain text belongs in stringData"));
        }
      }
    }
    if (json.remove("stringData") instanceof ObjectNode plain) {
      ObjectNode data = json.withObject("/data");
      for (Map.Entry<String, JsonNode> entry : plain.properties()) {
        byte[] bytes = entry.getValue().asText().getBytes(StandardCharsets.UTF_8);
        data.put(entry.getKey(), Base64.getEncoder().encodeToString(bytes));
      }
    }
  }

  private static boolean isBase64(String text) {
    try {
      Base64.getMimeDecoder().decode(text);
      return text.chars().allMatch(SecretData::isBase64Character);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean isBase64Character(int c) {
    return (c >= 'A' && c <= 'Z')
        || (c >= 'a' && c <= 'z')
        || (c >= '0' && c <= '9')
        || c == '+'
        || c == '/'
        || c == '='
        || c == '\n'
        || c == '\r';
  }
}
