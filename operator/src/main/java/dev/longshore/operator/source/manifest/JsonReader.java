package dev.longshore.operator.source.manifest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonParser.NumberType;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.longshore.contract.HardLimits;
import dev.longshore.operator.source.manifest.Tree.Entry;
import dev.longshore.operator.source.manifest.Tree.Mapping;
import dev.longshore.operator.source.manifest.Tree.Scalar;
import dev.longshore.operator.source.manifest.Tree.Sequence;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes a {@link Tree} of a JSON file; JSON has tabs where YAML allows none. */
final class JsonReader {
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          // Its table of names knows one hash for all processes, and refuses those that collide.
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(YamlReader.MAX_DEPTH)
                  .maxTokenCount(2L * HardLimits.MANIFEST_VALUES)
                  .build())
          .build();

  private final List<Fault> remarks = new ArrayList<>();

  private JsonReader() {}

  /**
   * Reads the one value that a text holds.
   *
   * @throws SyntaxException if it isn't JSON, exceeds a bound or goes on behind the value
   */
  static Parsed read(String text) throws SyntaxException {
    YamlReader.bounded(text);
    try (JsonParser parser = FACTORY.createParser(text)) {
      if (parser.nextToken() == null) {
        return new Parsed(null, List.of());
      }
      JsonReader reader = new JsonReader();
      Tree tree = reader.value(parser);
      if (parser.nextToken() != null) {
        throw new SyntaxException(
            position(parser.currentTokenLocation()), "text behind the end of the JSON value");
      }
      return new Parsed(tree, reader.remarks);
    } catch (JsonProcessingException e) {
      throw new SyntaxException(
          position(e.getLocation()), "not readable as JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new SyntaxException(Position.START, "not readable as JSON: " + e.getMessage());
    }
  }

  /**
   * Where each of the values ends that a text holds one after the other.
   *
   * @return offsets, ascending; what follows the last is nothing but blanks, or isn't JSON
   */
  static List<Integer> ends(String text) {
    List<Integer> ends = new ArrayList<>();
    try (JsonParser parser = FACTORY.createParser(text)) {
      while (parser.nextToken() != null) {
        parser.skipChildren();
        ends.add((int) parser.currentLocation().getCharOffset());
      }
    } catch (IOException e) {
      // Reading that piece says what is wrong with it.
    }
    return ends;
  }

  private Tree value(JsonParser parser) throws IOException {
    Position at = position(parser.currentTokenLocation());
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        Map<String, Entry> entries = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String key = parser.currentName();
          Position keyAt = position(parser.currentTokenLocation());
          parser.nextToken();
          Entry entry = new Entry(key, keyAt, value(parser));
          Entry first = entries.put(key, entry);
          if (first != null) {
            remarks.add(Parsed.repeated(first, entry));
          }
        }
        yield new Mapping(at, List.copyOf(entries.values()));
      }
      case START_ARRAY -> {
        List<Tree> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          items.add(value(parser));
        }
        yield new Sequence(at, items);
      }
      case VALUE_NUMBER_INT ->
          new Scalar(
              at,
              parser.getNumberType() == NumberType.BIG_INTEGER
                  ? YamlScalars.number(parser.getDoubleValue())
                  : JsonNodeFactory.instance.numberNode(parser.getLongValue()));
      case VALUE_NUMBER_FLOAT -> new Scalar(at, YamlScalars.number(parser.getDoubleValue()));
      case VALUE_TRUE -> new Scalar(at, BooleanNode.TRUE);
      case VALUE_FALSE -> new Scalar(at, BooleanNode.FALSE);
      case VALUE_NULL -> new Scalar(at, NullNode.getInstance());
      default -> new Scalar(at, TextNode.valueOf(parser.getText()));
    };
  }

  private static Position position(@Nullable JsonLocation location) {
    return location == null
        ? Position.START
        : new Position(Math.max(1, location.getLineNr()), Math.max(1, location.getColumnNr()));
  }
}
