package dev.longshore.operator.translate.policy;

import dev.longshore.api.v1alpha1.Policy;
import dev.longshore.contract.policy.Closing;
import dev.longshore.operator.translate.verdict.Problems;
import java.time.Duration;
import java.util.List;

/** How a tunnel is closed politely. */
final class ClosingReader implements PartReader {
  private static final Leaf<String, Duration> DEADLINE =
      Leaf.open(
          "drain.deadline",
          "drain-deadline",
          Leaf.Getter.in(Policy::drain, Policy.Drain::deadline),
          Text.duration(Duration.ZERO),
          Closing.DEFAULT.deadline());
  private static final Leaf<Integer, Integer> CODE =
      Leaf.open(
          "drain.closeCode",
          null,
          Leaf.Getter.in(Policy::drain, Policy.Drain::closeCode),
          new Code(),
          Closing.DEFAULT.closeCode());

  @Override
  public List<Leaf<?, ?>> leaves() {
    return List.of(DEADLINE, CODE);
  }

  @Override
  public Closing read(Reading in) {
    return new Closing(in.get(DEADLINE), in.get(CODE));
  }

  /** Codes that say "come again" (RFC 6455 §7.4.1), and those that applications agree on. */
  private static final class Code implements Form<Integer, Integer> {
    @Override
    public Integer ofText(String text) {
      return WholeNumber.from(1001, 4999).ofText(text);
    }

    @Override
    public Integer read(Integer code, String path, Problems problems) {
      if (code == 1001 || code == 1012 || code == 1013 || (code >= 3000 && code <= 4999)) {
        return code;
      }
      throw new IllegalArgumentException(code + " is not 1001, 1012, 1013 or from 3000 to 4999");
    }

    @Override
    public String accepts() {
      return "1001, 1012, 1013 or 3000 to 4999";
    }
  }
}
