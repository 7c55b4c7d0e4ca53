package dev.longshore.operator.source.folder;

import dev.longshore.operator.source.manifest.DocumentPlaces;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** A file of a folder: whatever it holds, it is read or told what is wrong with it. */
public final class ManifestFuzz {
  private ManifestFuzz() {}

  /** Loads what is needed, so that the first input takes no longer than the others. */
  public static void fuzzerInitialize() {
    fuzzerTestOneInput(new byte[0]);
  }

  /** One input. */
  public static void fuzzerTestOneInput(byte[] data) {
    String text = new String(data, StandardCharsets.UTF_8);
    FileContent content = FileContent.none("a.yaml").with(text, Instant.EPOCH);
    for (var ref : content.resources().keySet()) {
      if (content.locate(ref, "spec", new DocumentPlaces()).isEmpty()) {
        throw new AssertionError(ref + " stands nowhere");
      }
    }
    for (ManifestProblem problem : content.problems()) {
      if (problem.toString().isEmpty()) {
        throw new AssertionError("a problem that says nothing");
      }
    }
    content.with(text + "\n", Instant.EPOCH);
  }
}
