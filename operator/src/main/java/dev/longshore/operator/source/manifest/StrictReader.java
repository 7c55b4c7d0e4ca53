package dev.longshore.operator.source.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.longshore.operator.source.manifest.Tree.Entry;
import dev.longshore.operator.source.manifest.Tree.Mapping;
import dev.longshore.operator.source.manifest.Tree.Scalar;
import dev.longshore.operator.source.manifest.Tree.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Holds a tree against the shape that it should have, as an API server with strict field validation
 * does: unknown fields and wrong types are faults, and a field without a value is absent. What is
 * faulty is left out of the result.
 */
final class StrictReader {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final int QUOTED = 40;

  private final boolean redact;
  private final List<Fault> faults = new ArrayList<>();

  private StrictReader(boolean redact) {
    this.redact = redact;
  }

  /**
   * A tree as JSON, without what is faulty.
   *
   * @param json the rest
   * @param faults what is wrong, in the order of the document
   */
  record Result(JsonNode json, List<Fault> faults) {}

  /**
   * Reads a tree.
   *
   * @param prefix path of the tree itself
   * @param redact whether values stay out of messages
   */
  static Result read(Tree tree, Shape shape, String prefix, boolean redact) {
    StrictReader reader = new StrictReader(redact);
    JsonNode json = reader.read(tree, shape, prefix);
    return new Result(json == null ? JSON.objectNode() : json, List.copyOf(reader.faults));
  }

  /** Null when there is nothing, or nothing right. */
  private @Nullable JsonNode read(Tree tree, Shape shape, String path) {
    if (tree instanceof Scalar scalar && scalar.value().isNull()) {
      return null;
    }
    return switch (shape) {
      case Shape.Fields fields ->
          tree instanceof Mapping mapping
              ? fields(mapping, fields, path)
              : wrong(tree, path, "a mapping");
      case Shape.Values values ->
          tree instanceof Mapping mapping
              ? values(mapping, values.value(), path)
              : wrong(tree, path, "a mapping");
      case Shape.Items items ->
          tree instanceof Sequence sequence
              ? items(sequence, items.item(), path)
              : wrong(tree, path, "a list");
      case Shape.Choice choice -> choice(tree, choice, path);
      case Shape.Simple simple -> simple(tree, simple, path);
    };
  }

  private JsonNode fields(Mapping mapping, Shape.Fields fields, String path) {
    ObjectNode object = JSON.objectNode();
    for (Entry entry : mapping.entries()) {
      String child = path.isEmpty() ? entry.key() : path + "." + entry.key();
      Supplier<Shape> shape = fields.byName().get(entry.key());
      if (shape == null) {
        faults.add(
            new Fault(
                entry.keyAt(),
                child,
                "unknown field" + DidYouMean.hint(entry.key(), fields.byName().keySet())));
        continue;
      }
      JsonNode value = read(entry.value(), shape.get(), child);
      if (value != null) {
        object.set(entry.key(), value);
      }
    }
    return object;
  }

  private JsonNode values(Mapping mapping, Supplier<Shape> shape, String path) {
    ObjectNode object = JSON.objectNode();
    for (Entry entry : mapping.entries()) {
      JsonNode value = read(entry.value(), shape.get(), path + "[" + entry.key() + "]");
      if (value != null) {
        object.set(entry.key(), value);
      }
    }
    return object;
  }

  private JsonNode items(Sequence sequence, Supplier<Shape> shape, String path) {
    ArrayNode array = JSON.arrayNode();
    for (int i = 0; i < sequence.items().size(); i++) {
      Tree item = sequence.items().get(i);
      String child = path + "[" + i + "]";
      if (item instanceof Scalar scalar && scalar.value().isNull()) {
        faults.add(
            new Fault(item.at(), child, "this item is empty: give it a value or remove the dash"));
        continue;
      }
      JsonNode value = read(item, shape.get(), child);
      if (value != null) {
        array.add(value);
      }
    }
    return array;
  }

  private @Nullable JsonNode choice(Tree tree, Shape.Choice choice, String path) {
    if (!(tree instanceof Scalar(Position at, TextNode text))) {
      boolean bare = tree instanceof Scalar(Position _, JsonNode value) && value.isBoolean();
      return wrong(
          tree,
          path,
          "one of "
              + String.join(", ", choice.words())
              + (bare ? " (in quotes: YAML takes bare on, off, yes and no for booleans)" : ""));
    }
    if (!choice.words().contains(text.textValue())) {
      faults.add(
          new Fault(
              at,
              path,
              "must be one of "
                  + String.join(", ", choice.words())
                  + (redact ? "" : "; found " + quoted(text))));
      return null;
    }
    return text;
  }

  private @Nullable JsonNode simple(Tree tree, Shape.Simple simple, String path) {
    if (simple == Shape.Simple.ANY) {
      return any(tree);
    }
    JsonNode value = tree instanceof Scalar scalar ? scalar.value() : null;
    boolean fits =
        value != null
            && switch (simple) {
              case TEXT -> value.isTextual();
              case INTEGER ->
                  value.isIntegralNumber() && Math.abs(value.longValue()) <= Integer.MAX_VALUE;
              case LONG -> value.isIntegralNumber();
              case NUMBER -> value.isNumber();
              case BOOLEAN -> value.isBoolean();
              case INTEGER_OR_TEXT ->
                  value.isTextual()
                      || (value.isIntegralNumber()
                          && Math.abs(value.longValue()) <= Integer.MAX_VALUE);
              case ANY -> true;
            };
    if (fits) {
      return value;
    }
    return wrong(
        tree,
        path,
        switch (simple) {
          case TEXT -> "a string";
          case INTEGER, LONG -> "an integer";
          case NUMBER -> "a number";
          case BOOLEAN -> "true or false";
          case INTEGER_OR_TEXT -> "an integer or a string";
          case ANY -> "a value";
        });
  }

  private static JsonNode any(Tree tree) {
    return switch (tree) {
      case Scalar scalar -> scalar.value();
      case Sequence sequence -> {
        ArrayNode array = JSON.arrayNode();
        sequence.items().forEach(item -> array.add(any(item)));
        yield array;
      }
      case Mapping mapping -> {
        ObjectNode object = JSON.objectNode();
        mapping.entries().forEach(entry -> object.set(entry.key(), any(entry.value())));
        yield object;
      }
    };
  }

  private @Nullable JsonNode wrong(Tree tree, String path, String wanted) {
    String found = tree.describe();
    String advice = "";
    if (tree instanceof Scalar(Position _, JsonNode value)) {
      if (!redact) {
        found += " " + quoted(value);
      }
      if (wanted.equals("a string")) {
        advice = ": put it in quotes";
      } else if (value.isTextual() && wanted.equals("an integer") && isInteger(value.textValue())) {
        advice = ": remove the quotes";
      }
    }
    faults.add(new Fault(tree.at(), path, "must be " + wanted + ", found " + found + advice));
    return null;
  }

  private static boolean isInteger(String text) {
    return !text.isEmpty() && text.length() < 10 && text.chars().allMatch(Character::isDigit);
  }

  private static String quoted(JsonNode value) {
    String text = value.asText();
    StringBuilder quoted = new StringBuilder("\"");
    text.codePoints()
        .limit(QUOTED)
        .forEach(c -> quoted.appendCodePoint(Character.isISOControl(c) ? '·' : c));
    return quoted.append(text.codePointCount(0, text.length()) > QUOTED ? "…\"" : "\"").toString();
  }
}
