package dev.longshore.testkube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What those hear who have no API server to test against. */
class BinariesTest {
  /** What {@code e2e/kube/build} uses before it needs Go. */
  private static final List<String> TOOLS =
      List.of("bash", "cat", "cut", "dirname", "sha256sum", "shasum", "uname");

  @TempDir private Path folder = Path.of("");

  @Test
  void aFolderWithoutThemIsNamed() {
    assertThatThrownBy(() -> Binaries.in(folder, "KUBEBUILDER_ASSETS=" + folder))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "KUBEBUILDER_ASSETS=%1$s: there is no executable kube-apiserver in %1$s", folder);
  }

  @Test
  void withoutGoTheBuildSaysHowToGetThem() throws Exception {
    Path tools = Files.createDirectory(folder.resolve("bin"));
    for (String tool : TOOLS) {
      provide(tool, tools);
    }
    Process process = build(tools, folder.resolve("cache"));
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isEqualTo(1);
    assertThat(said)
        .contains("building etcd kube-apiserver needs Go 1.26 or newer")
        .contains("set KUBEBUILDER_ASSETS to a directory with kube-apiserver and etcd in it");
    assertThat(folder.resolve("cache")).as("nothing is left behind").doesNotExist();
  }

  private static Process build(Path path, Path cache) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            path.resolve("bash").toString(),
            Checkout.resolve("e2e/kube/build").toString(),
            "apiserver");
    builder.environment().put("PATH", path.toString());
    builder.environment().put("LONGSHORE_CACHE", cache.toString());
    return builder.redirectErrorStream(true).start();
  }

  /** Makes a program of the path one of this folder; of two that do the same one may be missing. */
  private static void provide(String tool, Path into) throws IOException {
    for (String place : System.getenv("PATH").split(File.pathSeparator)) {
      Path program = Path.of(place, tool);
      if (Files.isExecutable(program)) {
        Path script = into.resolve(tool);
        Files.writeString(script, "#!/bin/sh\nexec '" + program + "' \"$@\"\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        return;
      }
    }
  }
}
