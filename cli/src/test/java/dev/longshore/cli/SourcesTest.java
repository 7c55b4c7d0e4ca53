package dev.longshore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What docs/contributing.md says of all source files. */
class SourcesTest {
  private static final List<String> MODULES =
      List.of("crds", "process", "dataplane/contract", "dataplane/proxy", "operator", "cli");

  private static final int LONG = 350;

  /** The comment of the file's type, which is its first. */
  private static final Pattern FIRST_COMMENT = Pattern.compile("/\\*\\*.*?\\*/", Pattern.DOTALL);

  private static final Pattern REASON =
      Pattern.compile("[Ll]onger\\W+than\\W+\\w+|makes\\W+it\\W+long|in\\W+one\\W+place");

  private static List<Path> sources() throws IOException {
    List<Path> all = new ArrayList<>();
    for (String module : MODULES) {
      try (Stream<Path> files =
          Files.walk(Path.of("..").resolve(module).resolve("src/main/java"))) {
        files.filter(file -> file.toString().endsWith(".java")).forEach(all::add);
      }
    }
    return all;
  }

  @Test
  void longFilesSayWhyTheyAre() throws Exception {
    List<String> silent = new ArrayList<>();
    for (Path source : sources()) {
      String text = Files.readString(source);
      if (text.lines().count() > LONG) {
        Matcher comment = FIRST_COMMENT.matcher(text);
        // Across the stars of its lines.
        String said = comment.find() ? comment.group().replace("\n *", "") : "";
        if (!REASON.matcher(said).find()) {
          silent.add(source.toString());
        }
      }
    }
    assertThat(silent).as("split them, or tell the reason in the first comment").isEmpty();
  }

  @Test
  void everyPackageSaysWhatItIs() throws Exception {
    TreeSet<Path> packages = new TreeSet<>();
    for (Path source : sources()) {
      packages.add(source.getParent());
    }
    assertThat(packages)
        .allMatch(folder -> Files.exists(folder.resolve("package-info.java")))
        .hasSizeGreaterThan(50);
  }
}
