package dev.longshore.cli.migrate;

import dev.longshore.cli.migrate.Migration.Change;
import dev.longshore.cli.migrate.Migration.Moved;
import dev.longshore.cli.option.LogFormat;
import dev.longshore.cli.runtime.ExitCode;
import dev.longshore.cli.runtime.StartException;
import dev.longshore.cli.verdict.ProblemText;
import dev.longshore.operator.source.folder.FolderReading;
import dev.longshore.operator.source.folder.FolderSource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what would become of another controller's Ingresses, and writes them for Longshore. */
@Command(
    name = "migrate",
    description = "Says what would become of the Ingresses of ingress-nginx, and writes them anew.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every Ingress does what it did",
      "1:something is lost, or answers 503; it is listed",
      "2:wrong usage",
      "3:the files can't be read or written"
    })
public final class MigrateCommand implements Callable<Integer> {
  private static final String STDIN = "-";
  private static final Pattern UNUSUAL = Pattern.compile("[^a-z0-9.-]|^\\.");

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "FILE|DIR|-",
      description =
          "A manifest, a folder of manifests, or - for what `kubectl get ingress -A -o yaml`"
              + " prints")
  private String from = ".";

  @Option(
      names = "--class",
      paramLabel = "NAME",
      description =
          "A class whose Ingresses move, besides those without one. Default: ${DEFAULT-VALUE}")
  private List<String> classes = List.of("nginx");

  @Option(
      names = "--nginx-configmap",
      paramLabel = "FILE",
      description = "The ConfigMap of ingress-nginx: each key gets a verdict")
  private @Nullable Path configMap;

  @Option(
      names = "--write",
      paramLabel = "DIR",
      description =
          "Write each Ingress there, of class longshore, with longshore.dev/ annotations in the"
              + " place of those for which there are exact ones")
  private @Nullable Path write;

  @Mixin private LogFormat logs = new LogFormat();

  @Override
  public Integer call() throws StartException {
    try {
      return from.equals(STDIN) ? ofInput() : of(Path.of(from));
    } catch (IOException e) {
      throw new StartException(from + ": " + e.getMessage());
    }
  }

  private int ofInput() throws IOException, StartException {
    Path folder = Files.createTempDirectory("longshore-migrate");
    Path file = folder.resolve("stdin.yaml");
    try (InputStream in = System.in) {
      Files.copy(in, file);
      return of(file);
    } finally {
      Files.deleteIfExists(file);
      Files.deleteIfExists(folder);
    }
  }

  private int of(Path path) throws IOException, StartException {
    if (!Files.exists(path)) {
      throw new StartException("there is no file or folder " + path);
    }
    try (FolderSource source = new FolderSource(path)) {
      FolderReading reading = source.read();
      Migration migration = Migration.of(reading.view(), Set.copyOf(classes));
      PrintWriter out = spec.commandLine().getOut();
      new MigrationReport(migration, out).print();
      reading.problems().forEach(problem -> out.println(ProblemText.of(problem)));
      boolean wrong = reading.hasErrors();
      if (configMap != null) {
        wrong |= !new NginxConfigMapReport(configMap, out).print();
      }
      if (write != null) {
        out.println();
        for (Path written : write(migration, write)) {
          out.println("written: " + written);
        }
      }
      out.flush();
      wrong |=
          migration.moved().stream()
              .map(Moved::result)
              .anyMatch(result -> result == Change.LOST || result == Change.CLOSED);
      return wrong ? ExitCode.ERRORS : 0;
    }
  }

  private static Set<Path> write(Migration migration, Path folder) throws IOException {
    Files.createDirectories(folder);
    Set<Path> written = new LinkedHashSet<>();
    for (Moved moved : migration.moved()) {
      // A name in a file may be anything.
      String name =
          UNUSUAL
              .matcher(moved.ref().namespace() + "-" + moved.ref().name() + "-ingress")
              .replaceAll("_");
      Path file = folder.resolve(name + ".yaml");
      Files.writeString(file, Serialization.asYaml(Migration.rewritten(moved.ingress())));
      written.add(file);
    }
    return written;
  }
}
