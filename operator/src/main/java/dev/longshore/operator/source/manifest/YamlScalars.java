package dev.longshore.operator.source.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Says what an unquoted YAML scalar is, as kubectl's YAML library does: {@code yes} and {@code on}
 * are booleans, {@code 1:30} and dates are text, {@code 0x1F90}, {@code 8_080} and {@code 8080.0}
 * are integers.
 */
final class YamlScalars {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");
  private static final Set<String> TRUE =
      Set.of("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON");
  private static final Set<String> FALSE =
      Set.of("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF");

  /** Underscores are gone by then. */
  private static final Pattern INTEGER =
      Pattern.compile(
          "([-+]?)(?:(0|[1-9][0-9]{0,17})|0[oO]?([0-7]{1,20})|0[xX]([0-9a-fA-F]{1,15})|0[bB]([01]{1,62}))");

  private static final Pattern FLOAT =
      Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?");

  /** Behind it, a double skips integers. */
  private static final double EXACT = 1L << 53;

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
    String digits = plain.replace("_", "");
    Matcher integer = INTEGER.matcher(digits);
    if (integer.matches()) {
      return number(integer);
    }
    if (FLOAT.matcher(digits).matches()) {
      return number(Double.parseDouble(digits));
    }
    return TextNode.valueOf(plain);
  }

  private static JsonNode number(Matcher integer) {
    int[] radix = {10, 8, 16, 2};
    for (int group = 2; group <= 5; group++) {
      String digits = integer.group(group);
      if (digits != null) {
        return JSON.numberNode(Long.parseLong(integer.group(1) + digits, radix[group - 2]));
      }
    }
    throw new IllegalStateException("no group of an integer");
  }

  /** JSON knows one kind of number: what is whole is an integer, however it was written. */
  static JsonNode number(double value) {
    boolean whole = value == Math.rint(value) && Math.abs(value) < EXACT;
    return whole ? JSON.numberNode((long) value) : JSON.numberNode(value);
  }
}
