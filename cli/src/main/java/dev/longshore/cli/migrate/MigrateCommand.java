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
import java.util.ArrayList;
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
import picocli.CommandLine.ParameterException;
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
      "3:the files or the cluster can't be read, or the files not be written"
    })
public final class MigrateCommand implements Callable<Integer> {
  private static final String STDIN = "-";
  private static final Pattern UNUSUAL = Pattern.compile("[^a-z0-9.-]|^\\.");

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "FILE|DIR|-",
      arity = "0..1",
      description =
          "A manifest, a folder of manifests, or - for what `kubectl get ingress -A -o yaml`"
              + " prints")
  private @Nullable String from;

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description =
          "Read the Ingresses and Services of this cluster instead; nothing in it is changed")
  private @Nullable Path kubeconfig;

  @Option(
      names = "--context",
      paramLabel = "NAME",
      description = "The context of the kubeconfig. Default: its current one")
  private @Nullable String context;

  @Option(
      names = "--class",
      paramLabel = "NAME",
      description =
          "A class whose Ingresses move, besides those without one. Default: ${DEFAULT-VALUE}")
  private List<String> classes = List.of("nginx");

  @Option(
      names = "--nginx-configmap",
      paramLabel = "FILE|NAMESPACE/NAME",
      description =
          "The ConfigMap of ingress-nginx, of a cluster by its name: each key gets a verdict")
  private @Nullable String configMap;

  @Option(
      names = "--write",
      paramLabel = "DIR",
      description =
          "Write each Ingress there, of class longshore, with longshore.dev/ annotations in the"
              + " place of those for which there are exact ones")
  private @Nullable Path write;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "table or json. Default: ${DEFAULT-VALUE}")
  private Output output = Output.table;

  @Mixin private LogFormat logs = new LogFormat();

  /** How it is written; the names are what users type. */
  enum Output {
    table,
    json
  }

  @Override
  public Integer call() throws StartException {
    if (kubeconfig == null && context != null) {
      throw usage("--context is of a cluster: name its --kubeconfig");
    }
    try {
      if (kubeconfig != null) {
        if (from != null) {
          throw usage("read either " + from + " or the cluster of --kubeconfig");
        }
        return ofCluster(new ClusterManifests(kubeconfig, context));
      }
      return from != null && from.equals(STDIN)
          ? ofInput()
          : of(Path.of(from == null ? "." : from), configMap == null ? null : Path.of(configMap));
    } catch (IOException e) {
      throw new StartException((from == null ? "." : from) + ": " + e.getMessage());
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private int ofInput() throws IOException, StartException {
    try (Scratch scratch = new Scratch()) {
      Path file = scratch.file("stdin.yaml");
      try (InputStream in = System.in) {
        Files.copy(in, file);
      }
      return of(file, configMap == null ? null : Path.of(configMap));
    }
  }

  private int ofCluster(ClusterManifests cluster) throws IOException, StartException {
    try (Scratch scratch = new Scratch()) {
      Path file = scratch.file("cluster.yaml");
      Path map = configMap == null ? null : scratch.file("configmap.yaml");
      cluster.write(file);
      if (configMap != null && map != null) {
        cluster.writeConfigMap(configMap, map);
      }
      return of(file, map);
    }
  }

  /** What comes from elsewhere than files, for as long as it is read. */
  private static final class Scratch implements AutoCloseable {
    private final Path folder = Files.createTempDirectory("longshore-migrate");
    private final List<Path> files = new ArrayList<>();

    Scratch() throws IOException {}

    Path file(String name) {
      Path file = folder.resolve(name);
      files.add(file);
      return file;
    }

    @Override
    public void close() throws IOException {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(folder);
    }
  }

  private int of(Path path, @Nullable Path map) throws IOException, StartException {
    if (!Files.exists(path)) {
      throw new StartException("there is no file or folder " + path);
    }
    try (FolderSource source = new FolderSource(path)) {
      FolderReading reading = source.read();
      Migration migration = Migration.of(reading.view(), Set.copyOf(classes));
      List<KeyVerdict> keys = map == null ? List.of() : KeyVerdict.of(map);
      Set<Path> written = write == null ? Set.of() : write(migration, write);
      PrintWriter out = spec.commandLine().getOut();
      switch (output) {
        case table -> {
          new MigrationReport(migration, out).print();
          reading.problems().forEach(problem -> out.println(ProblemText.of(problem)));
          if (!keys.isEmpty()) {
            out.println();
            out.println("ConfigMap " + configMap);
            keys.forEach(key -> out.println(key.line()));
          }
          if (!written.isEmpty()) {
            out.println();
            written.forEach(file -> out.println("written: " + file));
          }
        }
        case json ->
            out.println(
                MigrationJson.of(migration, reading.problems(), keys, written).toPrettyString());
      }
      out.flush();
      boolean wrong =
          reading.hasErrors()
              || keys.stream().anyMatch(KeyVerdict::isLoss)
              || migration.moved().stream()
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
