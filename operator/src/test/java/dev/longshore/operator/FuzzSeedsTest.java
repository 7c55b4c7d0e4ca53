package dev.longshore.operator;

import dev.longshore.operator.source.folder.ManifestFuzz;
import dev.longshore.operator.translate.AnnotationsFuzz;
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

  private static List<Path> seeds(String target) throws IOException {
    try (Stream<Path> files = Files.list(SEEDS.resolve(target))) {
      return files.sorted().toList();
    }
  }

  static List<Path> manifests() throws IOException {
    return seeds("ManifestFuzz");
  }

  @ParameterizedTest
  @MethodSource("manifests")
  void manifests(Path seed) throws IOException {
    ManifestFuzz.fuzzerTestOneInput(Files.readAllBytes(seed));
  }

  static List<Path> annotations() throws IOException {
    return seeds("AnnotationsFuzz");
  }

  @ParameterizedTest
  @MethodSource("annotations")
  void annotations(Path seed) throws IOException {
    AnnotationsFuzz.fuzzerTestOneInput(Files.readAllBytes(seed));
  }
}
