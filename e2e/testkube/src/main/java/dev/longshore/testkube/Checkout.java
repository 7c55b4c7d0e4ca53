package dev.longshore.testkube;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where the sources lie; tests run in the folder of their module. */
final class Checkout {
  private Checkout() {}

  /**
   * The file or folder at a path that is relative to the root of the checkout.
   *
   * @throws IllegalStateException when the working directory is not inside a checkout
   */
  static Path resolve(String path) {
    Path working = Path.of("").toAbsolutePath();
    for (@Nullable Path folder = working; folder != null; folder = folder.getParent()) {
      if (Files.isRegularFile(folder.resolve("e2e/kube/build"))) {
        return folder.resolve(path);
      }
    }
    throw new IllegalStateException(working + " is not inside a checkout of Longshore");
  }
}
