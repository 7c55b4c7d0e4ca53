package dev.longshore.cli.check;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longshore.cli.option.LogFormat;
import dev.longshore.cli.runtime.ExitCode;
import dev.longshore.cli.runtime.StartException;
import dev.longshore.cli.text.TextTable;
import dev.longshore.cli.verdict.ProblemText;
import dev.longshore.cli.verdict.VerdictJson;
import dev.longshore.cli.verdict.VerdictRow;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.folder.FolderReading;
import dev.longshore.operator.source.folder.FolderSource;
import dev.longshore.operator.source.folder.Whereabouts;
import dev.longshore.operator.translate.Translation;
import dev.longshore.operator.translate.Translator;
import dev.longshore.operator.translate.claim.TranslatorOptions;
import dev.longshore.operator.translate.verdict.Problem;
import dev.longshore.operator.translate.verdict.Reason;
import dev.longshore.operator.translate.verdict.Verdict;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what would become of manifests, without serving them. */
@Command(
    name = "check",
    description = "Says what would become of manifests, without serving them.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every resource is served as it is written, once the cluster has made endpoints and"
          + " certificates",
      "1:something is wrong; it is listed",
      "2:wrong usage",
      "3:the files can't be read"
    })
public final class CheckCommand implements Callable<Integer> {
  private static final int ABSENT_SHOWN = 10;

  private static final ObjectMapper JSON = new ObjectMapper();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "FILE|DIR", description = "A manifest, or a folder of manifests")
  private Path path = Path.of(".");

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "table or json. Default: ${DEFAULT-VALUE}")
  private Output output = Output.table;

  @Option(
      names = "--strict",
      description =
          "Take the files for all there is: endpoints and certificates that a cluster would make"
              + " are missing without it, and warnings count")
  private boolean strict;

  @Mixin private LogFormat logs = new LogFormat();

  /** How verdicts are written; the names are what users type. */
  enum Output {
    table,
    json
  }

  @Override
  public Integer call() throws StartException {
    if (!Files.exists(path)) {
      throw new StartException("there is no file or folder " + path);
    }
    try (FolderSource source = new FolderSource(path)) {
      FolderReading reading = source.read();
      ExpectedInCluster expected =
          strict
              ? new ExpectedInCluster(reading.view(), List.of())
              : ExpectedInCluster.of(reading.view());
      Translation translation =
          new Translator(TranslatorOptions.STANDALONE)
              .translate(expected.view().trimmed(Translator::reads));
      Map<ResourceRef, Verdict> verdicts = new TreeMap<>();
      translation.verdicts().forEach(verdicts::put);
      PrintWriter out = spec.commandLine().getOut();
      switch (output) {
        case table -> printTable(out, reading, verdicts, source.whereabouts(), expected);
        case json -> printJson(out, reading, verdicts, source.whereabouts(), expected);
      }
      out.flush();
      boolean wrong =
          reading.hasErrors()
              || (strict && reading.hasWarnings())
              || verdicts.values().stream().anyMatch(this::isWrong);
      return wrong ? ExitCode.ERRORS : 0;
    } catch (IOException e) {
      throw new StartException(path + " can't be read: " + e.getMessage());
    }
  }

  private boolean isWrong(Verdict verdict) {
    return verdict.hasWarnings()
        || verdict.conditions().stream().anyMatch(c -> !c.status())
        || (strict && verdict.problems().stream().anyMatch(CheckCommand::isAnotherControllers));
  }

  private static boolean isAnotherControllers(Problem problem) {
    return problem.reason().equals(Reason.NOT_SERVED.label());
  }

  private static void printTable(
      PrintWriter out,
      FolderReading reading,
      Map<ResourceRef, Verdict> verdicts,
      Whereabouts places,
      ExpectedInCluster expected) {
    List<List<String>> rows = new ArrayList<>();
    verdicts.forEach(
        (ref, verdict) -> {
          if (!verdict.conditions().isEmpty()) {
            rows.add(VerdictRow.of(ref, verdict, reading.view(), "-").cells());
          }
        });
    if (rows.isEmpty()) {
      out.println("no WebSocketRoute, Ingress or LongshoreConfig is served from here");
    } else {
      TextTable.lines(VerdictRow.HEADINGS, rows).forEach(out::println);
    }
    reading.problems().forEach(problem -> out.println(ProblemText.of(problem)));
    verdicts.forEach(
        (ref, verdict) -> {
          // What could not be read is told above, with its line.
          if (reading.view().refused().get(ref) == null) {
            verdict
                .problems()
                .forEach(problem -> out.println(ProblemText.of(ref, problem, places)));
          }
        });
    if (!expected.absent().isEmpty()) {
      out.println(
          "note: not among the files, and taken as made in the cluster: "
              + String.join(", ", expected.absent().stream().limit(ABSENT_SHOWN).toList())
              + (expected.absent().size() > ABSENT_SHOWN
                  ? " and " + (expected.absent().size() - ABSENT_SHOWN) + " more"
                  : "")
              + " (--strict counts them as missing)");
    }
  }

  private static void printJson(
      PrintWriter out,
      FolderReading reading,
      Map<ResourceRef, Verdict> verdicts,
      Whereabouts places,
      ExpectedInCluster expected) {
    ObjectNode root = JSON.createObjectNode();
    root.set("resources", VerdictJson.resources(reading.view(), verdicts, places));
    ArrayNode problems = root.putArray("manifestProblems");
    reading.problems().forEach(problem -> problems.add(VerdictJson.of(problem)));
    ArrayNode absent = root.putArray("expectedInCluster");
    expected.absent().forEach(absent::add);
    out.println(root.toPrettyString());
  }
}
