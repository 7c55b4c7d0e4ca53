package dev.longshore.contract.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the fuzzers of a module found, and where they begin: each input again, with every build. A
 * folder of seeds without a target fails, as does a target without one.
 */
public abstract class FuzzSeeds {
  private static final Path SEEDS =
      Path.of(System.getProperty("basedir", "."), "src", "test", "resources", "fuzz");

  private final Map<String, Consumer<byte[]>> targets;

  /**
   * @param targets the fuzzers by the names of their classes, which are those of the folders of
   *     seeds
   */
  protected FuzzSeeds(Map<String, Consumer<byte[]>> targets) {
    this.targets = targets;
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  @Test
  void eachTargetHasSeedsAndAllSeedsHaveTheirs() throws IOException {
    assertThat(list(SEEDS))
        .extracting(folder -> folder.getFileName().toString())
        .containsExactlyInAnyOrderElementsOf(targets.keySet());
  }

  static List<Arguments> seeds() throws IOException {
    List<Arguments> all = new ArrayList<>();
    for (Path target : list(SEEDS)) {
      for (Path seed : list(target)) {
        all.add(arguments(target.getFileName().toString(), seed.getFileName().toString()));
      }
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void runsAgain(String target, String seed) throws IOException {
    byte[] input = Files.readAllBytes(SEEDS.resolve(target).resolve(seed));
    assertThat(targets).containsKey(target);
    Objects.requireNonNull(targets.get(target)).accept(input);
  }
}
