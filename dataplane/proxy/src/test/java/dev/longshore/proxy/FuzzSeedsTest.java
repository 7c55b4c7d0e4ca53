package dev.longshore.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.longshore.proxy.http1.RequestHeadFuzz;
import dev.longshore.proxy.listen.ProxyHeaderFuzz;
import dev.longshore.proxy.route.RequestTargetFuzz;
import dev.longshore.proxy.tunnel.FrameTrackerFuzz;
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

/** What the fuzzers found, and where they begin: each input again, with every build. */
class FuzzSeedsTest {
  private static final Path SEEDS =
      Path.of(System.getProperty("basedir", "."), "src", "test", "resources", "fuzz");

  /** By the names of their classes, which are those of the folders of seeds. */
  private static final Map<String, Consumer<byte[]>> TARGETS =
      Map.of(
          "FrameTrackerFuzz",
          FrameTrackerFuzz::fuzzerTestOneInput,
          "ProxyHeaderFuzz",
          ProxyHeaderFuzz::fuzzerTestOneInput,
          "RequestHeadFuzz",
          RequestHeadFuzz::fuzzerTestOneInput,
          "RequestTargetFuzz",
          RequestTargetFuzz::fuzzerTestOneInput);

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  @Test
  void eachTargetHasSeedsAndAllSeedsHaveTheirs() throws IOException {
    assertThat(list(SEEDS))
        .extracting(folder -> folder.getFileName().toString())
        .containsExactlyInAnyOrderElementsOf(TARGETS.keySet());
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
    assertThat(TARGETS).containsKey(target);
    Objects.requireNonNull(TARGETS.get(target)).accept(input);
  }
}
