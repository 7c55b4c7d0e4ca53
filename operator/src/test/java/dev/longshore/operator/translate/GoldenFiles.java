package dev.longshore.operator.translate;

import dev.longshore.operator.translate.claim.TranslatorOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;

/** The golden manifests and what they mean. */
public final class GoldenFiles {
  static final String IN = ".in.yaml";
  static final String OUT = ".out.yaml";

  private static final Path FOLDER = Path.of("src/test/resources/golden");

  /** Before any of their certificates expires, but for those that are meant to have. */
  private static final Clock NOW =
      Clock.fixed(Instant.parse("2026-11-22T00:00:00Z"), ZoneOffset.UTC);

  private GoldenFiles() {}

  /** The names of the cases, sorted. */
  static List<String> cases() {
    return names(IN);
  }

  /** The names of the cases that have something expected. */
  static List<String> expected() {
    return names(OUT);
  }

  public static String in(String name) {
    try {
      return Files.readString(FOLDER.resolve(name + IN));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path out(String name) {
    return FOLDER.resolve(name + OUT);
  }

  /** A case's translation, from nothing. */
  static Translation translate(String name) {
    String yaml = in(name);
    TranslatorOptions options =
        yaml.startsWith("# cluster") ? TranslatorOptions.CLUSTER : TranslatorOptions.STANDALONE;
    return new Translator(options, NOW).translate(Manifests.view(yaml));
  }

  private static List<String> names(String suffix) {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(suffix))
          .map(name -> name.substring(0, name.length() - suffix.length()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
