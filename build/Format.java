import com.google.googlejavaformat.java.Main;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

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
    List<String> files = javaFiles(Path.of(args[1]));
    command.addAll(files);
    if (!fix) {
      System.out.println(
          "Checking the format of "
              + files.size()
              + " files (fix: mvn -N validate exec:exec@format)");
    }
    Main.main(command.toArray(String[]::new));
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
