package dev.longshore.contract;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the fuzzers found, and where they begin: each input again, with every build. */
class FuzzSeedsTest {
  private static final Path SEEDS =
      Path.of(System.getProperty("basedir", "."), "src", "test", "resources", "fuzz");

  static List<Path> patterns() throws IOException {
    return seeds("PatternFuzz");
  }

  static List<Path> snapshots() throws IOException {
    return seeds("SnapshotJsonFuzz");
  }

  private static List<Path> seeds(String target) throws IOException {
    try (Stream<Path> files = Files.list(SEEDS.resolve(target))) {
      return files.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("patterns")
  void patterns(Path seed) throws IOException {
    PatternFuzz.fuzzerTestOneInput(Files.readAllBytes(seed));
  }

  @ParameterizedTest
  @MethodSource("snapshots")
  void snapshots(Path seed) throws IOException {
    SnapshotJsonFuzz.fuzzerTestOneInput(Files.readAllBytes(seed));
  }
}
