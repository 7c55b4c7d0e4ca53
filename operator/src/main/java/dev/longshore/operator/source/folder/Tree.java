package dev.longshore.operator.source.folder;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** A YAML or JSON document whose every node knows its place. */
sealed interface Tree {
  /** Where the node begins. */
  Position at();

  /** What the node is, for messages: {@code a list}, {@code a string}. */
  String describe();

  /**
   * A place in a document.
   *
   * @param line from 1
   * @param column from 1
   */
  record Position(int line, int column) {
    static final Position START = new Position(1, 1);
  }

  /** Keys with values, in the order of the document; no key twice. */
  record Mapping(Position at, List<Entry> entries) implements Tree {
    public Mapping {
      entries = List.copyOf(entries);
    }

    boolean has(String key) {
      return entries.stream().anyMatch(entry -> entry.key().equals(key));
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
