package dev.longshore.operator.source.folder;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Says what an unquoted YAML scalar is, as kubectl's YAML library does: {@code yes} and {@code on}
 * are booleans, {@code 1:30} and dates are text.
 */
final class YamlScalars {
  private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");
  private static final Set<String> TRUE =
      Set.of("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON");
  private static final Set<String> FALSE =
      Set.of("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF");
  private static final Pattern DECIMAL = Pattern.compile("[-+]?(0|[1-9][0-9]{0,17})");
  private static final Pattern OCTAL = Pattern.compile("0o?[0-7]{1,20}");
  private static final Pattern HEX = Pattern.compile("0x[0-9a-fA-F]{1,15}");
  private static final Pattern FLOAT =
      Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?");

  private YamlScalars() {}

  static JsonNode text(String text) {
    return TextNode.valueOf(text);
  }

  static JsonNode resolve(String plain) {
    if (NULLS.contains(plain)) {
      return NullNode.getInstance();
    }
    if (TRUE.contains(plain)) {
      return BooleanNode.TRUE;
    }
    if (FALSE.contains(plain)) {
      return BooleanNode.FALSE;
    }
    char first = plain.charAt(0);
    if (first > '9' || plain.length() > 64) {
      return TextNode.valueOf(plain);
    }
    if (DECIMAL.matcher(plain).matches()) {
      return LongNode.valueOf(Long.parseLong(plain));
    }
    if (OCTAL.matcher(plain).matches()) {
      return LongNode.valueOf(Long.parseLong(plain.replace('o', '0'), 8));
    }
    if (HEX.matcher(plain).matches()) {
      return LongNode.valueOf(Long.parseLong(plain.substring(2), 16));
    }
    if (FLOAT.matcher(plain).matches()) {
      return DoubleNode.valueOf(Double.parseDouble(plain));
    }
    return TextNode.valueOf(plain);
  }
}
