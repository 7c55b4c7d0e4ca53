package dev.longshore.proxy;

import dev.longshore.proxy.http.RequestHeadFuzz;
import dev.longshore.proxy.listen.ProxyHeaderFuzz;
import dev.longshore.proxy.route.RequestTargetFuzz;
import dev.longshore.proxy.tunnel.FrameTrackerFuzz;
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

  static List<Path> frames() throws IOException {
    return seeds("FrameTrackerFuzz");
  }

  @ParameterizedTest
  @MethodSource("frames")
  void frames(Path seed) throws IOException {
    FrameTrackerFuzz.fuzzerTestOneInput(Files.readAllBytes(seed));
  }

  static List<Path> heads() throws IOException {
    return seeds("RequestHeadFuzz");
  }

  @ParameterizedTest
  @MethodSource("heads")
  void heads(Path seed) throws IOException {
    RequestHeadFuzz.fuzzerTestOneInput(Files.readAllBytes(seed));
  }

  static List<Path> targets() throws IOException {
    return seeds("RequestTargetFuzz");
  }

  @ParameterizedTest
  @MethodSource("targets")
  void targets(Path seed) throws IOException {
    RequestTargetFuzz.fuzzerTestOneInput(Files.readAllBytes(seed));
  }

  static List<Path> proxyHeaders() throws IOException {
    return seeds("ProxyHeaderFuzz");
  }

  @ParameterizedTest
  @MethodSource("proxyHeaders")
  void proxyHeaders(Path seed) throws IOException {
    ProxyHeaderFuzz.fuzzerTestOneInput(Files.readAllBytes(seed));
  }
}
