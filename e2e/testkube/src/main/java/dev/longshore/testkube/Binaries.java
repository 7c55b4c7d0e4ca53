package dev.longshore.testkube;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The programs that make an API server, found or built. */
record Binaries(Path apiServer, Path etcd) {
  /** What envtest and its users call the directory with these programs. */
  private static final String ASSETS = "KUBEBUILDER_ASSETS";

  /**
   * Takes them from {@code KUBEBUILDER_ASSETS}; when that is not set, from the cache of {@code
   * e2e/kube/build}, which builds them the first time, in minutes, and says so on standard output.
   *
   * @throws IllegalStateException with what to do about it, when there are none
   */
  static Binaries find() {
    String assets = System.getenv(ASSETS);
    if (assets != null && !assets.isBlank()) {
      return in(Path.of(assets), ASSETS + "=" + assets);
    }
    Path script = Checkout.resolve("e2e/kube/build");
    return in(build(script), script.toString());
  }

  /** Takes them from a directory, which the origin names to whoever looks for them. */
  static Binaries in(Path directory, String origin) {
    Path apiServer = directory.resolve("kube-apiserver");
    Path etcd = directory.resolve("etcd");
    for (Path binary : List.of(apiServer, etcd)) {
      if (!Files.isExecutable(binary)) {
        throw new IllegalStateException(
            origin + ": there is no executable " + binary.getFileName() + " in " + directory);
      }
    }
    return new Binaries(apiServer, etcd);
  }

  private static Path build(Path script) {
    try {
      Process process =
          new ProcessBuilder("bash", script.toString(), "apiserver")
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectErrorStream(true)
              .start();
      String last = lastLine(process);
      if (process.waitFor() != 0) {
        throw new IllegalStateException(
            """
            No kube-apiserver to test against: %1$s failed: %2$s
            Either install Go 1.26 or newer and see that `%1$s apiserver` works, or set %3$s to a \
            directory with kube-apiserver and etcd in it (`setup-envtest use -p path` prints one).\
            """
                .formatted(script, last, ASSETS));
      }
      return Path.of(last);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while " + script + " was running", e);
    }
  }

  /** Shows progress as it comes: the test's runner prints what a test prints. */
  @SuppressWarnings("SystemOut")
  private static String lastLine(Process process) throws IOException {
    String last = "";
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (@Nullable String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!last.isEmpty()) {
          System.out.println(last);
        }
        last = line;
      }
    }
    return last;
  }
}
