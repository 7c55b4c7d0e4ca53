import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.spi.ToolProvider;

/**
 * Runs google-java-format over every Java file of the checkout: {@code check ROOT} fails and lists
 * the files that differ, {@code fix ROOT} rewrites them. Run by Maven through the JDK 25 toolchain,
 * because a formatter inside Maven's own JVM could not parse the language level.
 */
final class Format {
  private static final Set<String> SKIPPED = Set.of("target", "node_modules", ".git", ".longshore");

  private Format() {}

  public static void main(String[] args) throws IOException {
    boolean fix = args[0].equals("fix");
    List<String> command =
        new ArrayList<>(fix ? List.of("-i") : List.of("--dry-run", "--set-exit-if-changed"));
    Path root = Path.of(args[1]);
    // Files as they were when they last passed: a developer's build looks at the edited ones only.
    Path record = root.resolve("target/format-checked");
    Set<String> passed =
        Files.exists(record) ? new HashSet<>(Files.readAllLines(record)) : new HashSet<>();
    List<String> stamps = new ArrayList<>();
    List<String> files = new ArrayList<>();
    for (String file : javaFiles(root)) {
      Path path = Path.of(file);
      String stamp =
          Files.size(path) + " " + Files.getLastModifiedTime(path).toMillis() + " " + file;
      stamps.add(stamp);
      if (!passed.contains(stamp)) {
        files.add(file);
      }
    }
    if (files.isEmpty()) {
      return;
    }
    command.addAll(files);
    if (!fix) {
      System.out.println(
          "Checking the format of "
              + files.size()
              + " files (fix: mvn -N validate exec:exec@format)");
    }
    int result =
        ToolProvider.findFirst("google-java-format")
            .orElseThrow()
            .run(System.out, System.err, command.toArray(String[]::new));
    if (result != 0) {
      System.exit(result);
    }
    if (!fix) {
      Files.createDirectories(record.getParent());
      Files.write(record, stamps);
    }
  }

  private static List<String> javaFiles(Path root) throws IOException {
    List<String> files = new ArrayList<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            Path name = directory.getFileName();
            return !directory.equals(root) && name != null && SKIPPED.contains(name.toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(".java")) {
              files.add(file.toString());
            }
            return FileVisitResult.CONTINUE;
          }
        });
    Collections.sort(files);
    return files;
  }
}
