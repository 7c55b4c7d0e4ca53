package dev.longshore.operator.translate.policy;

import dev.longshore.contract.policy.PolicyPart;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Makes one part of a policy of its leaves. */
interface PartReader {
  /** All that it reads, in the order in which mistakes in annotations are told. */
  List<Leaf<?, ?>> leaves();

  /** The part; null: the default holds. */
  @Nullable PolicyPart read(Reading in);

  /** Of a part that is one leaf. */
  static <T> PartReader of(Leaf<?, T> leaf, Function<T, PolicyPart> part) {
    return new PartReader() {
      @Override
      public List<Leaf<?, ?>> leaves() {
        return List.of(leaf);
      }

      @Override
      public PolicyPart read(Reading in) {
        return part.apply(in.get(leaf));
      }
    };
  }
}
