package dev.longshore.operator.source.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A YAML or JSON document whose every node knows its place. */
sealed interface Tree {
  /** Where the node begins. */
  Position at();

  /** What the node is, for messages: {@code a list}, {@code a string}. */
  String describe();

  /** Keys with values, in the order of the document; no key twice. */
  record Mapping(Position at, List<Entry> entries) implements Tree {
    public Mapping {
      entries = List.copyOf(entries);
    }

    boolean has(String key) {
      return entry(key) != null;
    }

    @Nullable Entry entry(String key) {
      for (Entry entry : entries) {
        if (entry.key().equals(key)) {
          return entry;
        }
      }
      return null;
    }

    /** Where a key stands; without it, where the mapping begins. */
    Position keyAt(String key) {
      Entry entry = entry(key);
      return entry == null ? at : entry.keyAt();
    }

    /** The text of a key; null when it has none, or only blanks. */
    @Nullable String text(String key) {
      return entry(key) instanceof Entry(_, _, Scalar(_, JsonNode value))
              && value.isTextual()
              && !value.textValue().isBlank()
          ? value.textValue()
          : null;
    }

    @Override
    public String describe() {
      return "a mapping";
    }
  }

  /** One key with its value. */
  record Entry(String key, Position keyAt, Tree value) {}

  /** A list. */
  record Sequence(Position at, List<Tree> items) implements Tree {
    public Sequence {
      items = List.copyOf(items);
    }

    @Override
    public String describe() {
      return "a list";
    }
  }

  /** A value without parts; {@link JsonNode#isNull()} when nothing was written. */
  record Scalar(Position at, JsonNode value) implements Tree {
    @Override
    public String describe() {
      return switch (value.getNodeType()) {
        case STRING -> "a string";
        case NUMBER -> value.isIntegralNumber() ? "an integer" : "a number";
        case BOOLEAN -> "a boolean";
        default -> "nothing";
      };
    }
  }
}
