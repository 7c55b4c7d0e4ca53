package dev.longshore.operator.translate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.SnapshotValidator;
import dev.longshore.operator.translate.verdict.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every {@code golden/NAME.in.yaml} means what {@code golden/NAME.out.yaml} says. {@code
 * -Dgolden.rewrite} writes the latter anew.
 *
 * <p>Manifests are of a folder; a first line {@code # cluster} makes them those of a cluster.
 */
class GoldenTest {
  static List<String> cases() {
    return GoldenFiles.cases();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void means(String name) throws IOException {
    Translation translation = GoldenFiles.translate(name);
    String out = GoldenText.write(translation);
    Path expected = GoldenFiles.out(name);
    if (Boolean.getBoolean("golden.rewrite")) {
      Files.writeString(expected, out);
    }
    assertThat(out).isEqualTo(Files.readString(expected));
    assertThat(SnapshotValidator.validate(translation.snapshot())).isEmpty();
  }

  @Test
  void areEnoughAndShowEveryReason() {
    Set<String> shown = new TreeSet<>();
    for (String name : cases()) {
      GoldenFiles.translate(name)
          .verdicts()
          .forEach((ref, verdict) -> verdict.problems().forEach(p -> shown.add(p.reason())));
    }
    assertThat(cases()).hasSizeGreaterThanOrEqualTo(60);
    assertThat(shown)
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Reason.values()).map(Reason::label).toList());
  }

  @Test
  void leaveNoExpectationBehind() {
    assertThat(cases()).containsAll(GoldenFiles.expected());
  }
}
