package dev.longshore.operator.source.manifest;

import dev.longshore.contract.HardLimits;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.comments.CommentLine;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.resolver.Resolver;

/** Makes the nodes of one document, which are a hundred times its text, but only so many. */
final class YamlComposer extends Composer {
  private int nodes;

  YamlComposer(YamlText text, Resolver resolver, LoaderOptions options) {
    super(new ParserImpl(text, options), resolver, options);
  }

  @Override
  protected Node composeScalarNode(
      @Nullable String anchor, @Nullable List<CommentLine> blockComments) {
    count();
    return super.composeScalarNode(anchor, blockComments);
  }

  @Override
  protected Node composeSequenceNode(@Nullable String anchor) {
    count();
    return super.composeSequenceNode(anchor);
  }

  @Override
  protected Node composeMappingNode(@Nullable String anchor) {
    count();
    return super.composeMappingNode(anchor);
  }

  private void count() {
    if (++nodes > HardLimits.MANIFEST_VALUES) {
      throw new YAMLException(
          "more than %,d keys and values in one document: write several, with --- between them"
              .formatted(HardLimits.MANIFEST_VALUES));
    }
  }
}
