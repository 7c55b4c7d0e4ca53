package dev.longshore.cli.migrate;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longshore.cli.migrate.Migration.Change;
import dev.longshore.cli.migrate.Migration.Moved;
import dev.longshore.cli.verdict.VerdictJson;
import dev.longshore.operator.source.folder.ManifestProblem;
import dev.longshore.operator.translate.verdict.Problem;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** Writes a migration as JSON, for programs. */
final class MigrationJson {
  private MigrationJson() {}

  static ObjectNode of(
      Migration migration,
      List<ManifestProblem> problems,
      List<KeyVerdict> keys,
      Collection<Path> written) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    ObjectNode summary = root.putObject("summary");
    summary.put("ingresses", migration.moved().size());
    for (Change change : Change.values()) {
      if (change != Change.NO_EFFECT) {
        summary.put(
            label(change),
            migration.moved().stream().filter(moved -> moved.result() == change).count());
      }
    }
    ArrayNode ingresses = root.putArray("ingresses");
    migration.moved().forEach(moved -> add(moved, ingresses.addObject()));
    ArrayNode left = root.putArray("left");
    migration
        .left()
        .forEach(ref -> left.addObject().put("namespace", ref.namespace()).put("name", ref.name()));
    ArrayNode absent = root.putArray("takenAsThere");
    migration.absent().forEach(absent::add);
    ArrayNode wrong = root.putArray("manifestProblems");
    problems.forEach(problem -> wrong.add(VerdictJson.of(problem)));
    ArrayNode map = root.putArray("configMap");
    for (KeyVerdict key : keys) {
      map.addObject()
          .put("key", key.key())
          .put("value", key.value())
          .put("result", camel(key.what().label()))
          .put("message", key.text());
    }
    ArrayNode files = root.putArray("written");
    written.forEach(file -> files.add(file.toString()));
    return root;
  }

  private static void add(Moved moved, ObjectNode node) {
    node.put("namespace", moved.ref().namespace()).put("name", moved.ref().name());
    ArrayNode hosts = node.putArray("hosts");
    moved.hosts().stream().filter(host -> !host.equals("-")).forEach(hosts::add);
    node.put("result", label(moved.result()));
    ArrayNode findings = node.putArray("findings");
    for (Change change : Change.values()) {
      for (Problem problem : moved.of(change)) {
        findings
            .addObject()
            .put("result", label(change))
            .put("reason", problem.reason())
            .put("field", problem.fieldPath())
            .put("message", problem.message());
      }
    }
  }

  private static String label(Change change) {
    return camel(change.name().toLowerCase(Locale.ROOT).replace('_', ' '));
  }

  private static String camel(String words) {
    int blank = words.indexOf(' ');
    return blank < 0
        ? words
        : words.substring(0, blank)
            + Character.toUpperCase(words.charAt(blank + 1))
            + words.substring(blank + 2);
  }
}
