package dev.longshore.operator.source.manifest;

import com.fasterxml.jackson.databind.node.NullNode;
import dev.longshore.contract.HardLimits;
import dev.longshore.operator.source.manifest.Tree.Entry;
import dev.longshore.operator.source.manifest.Tree.Mapping;
import dev.longshore.operator.source.manifest.Tree.Scalar;
import dev.longshore.operator.source.manifest.Tree.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeId;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * Makes a {@link Tree} of one YAML document. Nothing is constructed from tags; aliases and merge
 * keys are expanded within bounds, so that a few hundred bytes can't become a billion nodes.
 */
final class YamlReader {
  /** Aliases of lists and mappings in one document. */
  static final int MAX_ALIASES = 100;

  /** Nesting of one document. */
  static final int MAX_DEPTH = 64;

  /** Characters that may be scanned anew, in all, because of tabs. */
  private static final long MAX_RESCANNED = 16L << 20;

  private static final Tag PLAIN = new Tag("!plain");

  private final List<Fault> remarks = new ArrayList<>();
  private int nodes;

  private YamlReader() {}

  /**
   * Reads the one document that a text holds.
   *
   * @throws SyntaxException if it isn't YAML or exceeds a bound
   */
  static Parsed read(String text) throws SyntaxException {
    try {
      bounded(text);
      Node root = compose(text);
      YamlReader reader = new YamlReader();
      Tree tree = root == null ? null : reader.convert(root, 0);
      return new Parsed(tree, reader.remarks);
    } catch (MarkedYAMLException e) {
      throw new SyntaxException(position(e.getProblemMark()), explain(e));
    } catch (YAMLException e) {
      throw new SyntaxException(Position.START, "not readable as YAML: " + firstLine(e));
    }
  }

  /**
   * Refuses a document that is larger than any manifest.
   *
   * @throws SyntaxException if it is
   */
  static void bounded(String text) throws SyntaxException {
    if (text.length() > HardLimits.MANIFEST_CHARS) {
      throw new SyntaxException(
          Position.START,
          "the document has %,d characters, and %,d are read: write several, with --- between them"
                  .formatted(text.length(), HardLimits.MANIFEST_CHARS)
              + " or in several files");
    }
  }

  /**
   * YAML has tabs between tokens (YAML 1.2 §6.2), as behind a colon, and kubectl takes them. The
   * library doesn't: where it stumbles over one, and only there, it is a blank.
   */
  private static @Nullable Node compose(String text) {
    StringBuilder blanked = null;
    for (long scanned = text.length(); ; scanned += text.length()) {
      try {
        return composer(blanked == null ? text : blanked.toString());
      } catch (MarkedYAMLException e) {
        int tab = tabBehindText(text, e.getProblemMark());
        if (tab < 0 || scanned > MAX_RESCANNED) {
          throw e;
        }
        if (blanked == null) {
          blanked = new StringBuilder(text);
        } else if (blanked.charAt(tab) != '\t') {
          throw e;
        }
        for (int at = tab; at < text.length() && text.charAt(at) == '\t'; at++) {
          blanked.setCharAt(at, ' ');
        }
      }
    }
  }

  /** The offset of a tab that stopped the scanner, if it indents nothing; else -1. */
  private static int tabBehindText(String text, @Nullable Mark mark) {
    if (mark == null || mark.getIndex() >= text.codePointCount(0, text.length())) {
      return -1;
    }
    int at = text.offsetByCodePoints(0, mark.getIndex());
    int begin = text.lastIndexOf('\n', at - 1) + 1;
    return text.charAt(at) == '\t' && !text.substring(begin, at).isBlank() ? at : -1;
  }

  private static @Nullable Node composer(String text) {
    LoaderOptions options = new LoaderOptions();
    options.setMaxAliasesForCollections(MAX_ALIASES);
    options.setNestingDepthLimit(MAX_DEPTH);
    options.setCodePointLimit(Integer.MAX_VALUE);
    options.setProcessComments(false);
    return new YamlComposer(new YamlText(text), new UnresolvedPlainScalars(), options)
        .getSingleNode();
  }

  private Tree convert(Node node, int depth) throws SyntaxException {
    Position at = position(node.getStartMark());
    if (depth > MAX_DEPTH) {
      throw new SyntaxException(at, "nested deeper than " + MAX_DEPTH + " levels");
    }
    if (++nodes > HardLimits.MANIFEST_VALUES) {
      throw new SyntaxException(
          at,
          "more than %,d values in one document, aliases expanded"
              .formatted(HardLimits.MANIFEST_VALUES));
    }
    return switch (node) {
      case MappingNode mapping -> new Mapping(at, entries(mapping, depth));
      case SequenceNode sequence -> {
        List<Tree> items = new ArrayList<>();
        for (Node item : sequence.getValue()) {
          items.add(convert(item, depth + 1));
        }
        yield new Sequence(at, items);
      }
      case ScalarNode scalar -> scalar(at, scalar);
      default -> throw new SyntaxException(at, "an alias stands where a value must");
    };
  }

  private List<Entry> entries(MappingNode mapping, int depth) throws SyntaxException {
    Map<String, Entry> own = new LinkedHashMap<>();
    List<Entry> merged = new ArrayList<>();
    for (NodeTuple tuple : mapping.getValue()) {
      Position keyAt = position(tuple.getKeyNode().getStartMark());
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        throw new SyntaxException(keyAt, "a key must be plain text");
      }
      if (Tag.MERGE.equals(key.getTag())) {
        merged.addAll(merge(tuple.getValueNode(), depth));
        continue;
      }
      Entry entry = new Entry(key.getValue(), keyAt, convert(tuple.getValueNode(), depth + 1));
      Entry first = own.put(entry.key(), entry);
      if (first != null) {
        remarks.add(Parsed.repeated(first, entry));
      }
    }
    for (Entry entry : merged) {
      own.putIfAbsent(entry.key(), entry);
    }
    return List.copyOf(own.values());
  }

  private List<Entry> merge(Node value, int depth) throws SyntaxException {
    return switch (value) {
      case MappingNode mapping -> merged(mapping, depth);
      case SequenceNode sequence -> {
        List<Entry> all = new ArrayList<>();
        for (Node item : sequence.getValue()) {
          if (!(item instanceof MappingNode mapping)) {
            throw new SyntaxException(position(item.getStartMark()), "<< can merge mappings only");
          }
          all.addAll(merged(mapping, depth));
        }
        yield all;
      }
      default ->
          throw new SyntaxException(position(value.getStartMark()), "<< can merge mappings only");
    };
  }

  private List<Entry> merged(MappingNode mapping, int depth) throws SyntaxException {
    return convert(mapping, depth + 1) instanceof Mapping m ? m.entries() : List.of();
  }

  private static Scalar scalar(Position at, ScalarNode node) {
    Tag tag = node.getTag();
    if (Tag.NULL.equals(tag)) {
      return new Scalar(at, NullNode.getInstance());
    }
    return new Scalar(
        at,
        PLAIN.equals(tag)
            ? YamlScalars.resolve(node.getValue())
            : YamlScalars.text(node.getValue()));
  }

  /** The library resolves by YAML 1.1 alone; kubectl's knows more forms of integers. */
  private static final class UnresolvedPlainScalars extends Resolver {
    @Override
    public Tag resolve(NodeId kind, @Nullable String value, boolean implicit) {
      if (kind == NodeId.scalar && implicit) {
        return "<<".equals(value) ? Tag.MERGE : PLAIN;
      }
      return super.resolve(kind, value, implicit);
    }
  }

  private static Position position(@Nullable Mark mark) {
    return mark == null ? Position.START : new Position(mark.getLine() + 1, mark.getColumn() + 1);
  }

  private static String explain(MarkedYAMLException e) {
    String problem = e.getProblem() == null ? "unexpected text" : e.getProblem();
    if (problem.contains("'\\t(TAB)'") || problem.contains("'\t'")) {
      return "not readable as YAML: a tab can't indent; use blanks";
    }
    Mark context = e.getContextMark();
    String where = e.getContext() == null ? "" : e.getContext() + ": ";
    String since =
        context != null
                && e.getProblemMark() != null
                && context.getLine() != e.getProblemMark().getLine()
            ? " (it began in line " + (context.getLine() + 1) + ")"
            : "";
    return "not readable as YAML: " + where + problem + since;
  }

  private static String firstLine(Exception e) {
    String message = String.valueOf(e.getMessage());
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }
}
