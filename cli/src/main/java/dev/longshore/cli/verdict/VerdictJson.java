package dev.longshore.cli.verdict;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.source.folder.ManifestProblem;
import dev.longshore.operator.source.folder.Whereabouts;
import dev.longshore.operator.translate.verdict.Problem;
import dev.longshore.operator.translate.verdict.Verdict;
import java.util.Map;

/** Writes verdicts as JSON, for {@code check -o json} and the admin port. */
public final class VerdictJson {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private VerdictJson() {}

  /** Verdicts of all resources, in the order of their names. */
  public static ArrayNode resources(
      View view, Map<ResourceRef, Verdict> verdicts, Whereabouts places) {
    ArrayNode resources = JSON.arrayNode();
    verdicts.forEach((ref, verdict) -> resources.add(of(ref, verdict, view, places)));
    return resources;
  }

  private static ObjectNode of(ResourceRef ref, Verdict verdict, View view, Whereabouts places) {
    ObjectNode resource = JSON.objectNode();
    resource.put("kind", ref.kind().label());
    if (!ref.namespace().isEmpty()) {
      resource.put("namespace", ref.namespace());
    }
    resource.put("name", ref.name());
    resource.put("at", places.locate(ref, ""));
    ArrayNode hosts = resource.putArray("hosts");
    VerdictRow.hostList(ref, view).stream().filter(host -> !host.equals("-")).forEach(hosts::add);
    ArrayNode conditions = resource.putArray("conditions");
    for (Verdict.Condition condition : verdict.conditions()) {
      conditions
          .addObject()
          .put("type", condition.type().label())
          .put("status", condition.status() ? "True" : "False")
          .put("reason", condition.reason())
          .put("message", condition.message());
    }
    ArrayNode problems = resource.putArray("problems");
    for (Problem problem : verdict.problems()) {
      problems
          .addObject()
          .put("severity", problem.severity().label())
          .put("reason", problem.reason())
          .put("field", problem.fieldPath())
          .put("at", places.locate(ref, problem.fieldPath()))
          .put("message", problem.message());
    }
    return resource;
  }

  /** A problem of a manifest, with its place. */
  public static ObjectNode of(ManifestProblem problem) {
    ObjectNode node = JSON.objectNode();
    node.put(
        "severity",
        switch (problem.severity()) {
          case ERROR -> "Error";
          case WARNING -> "Warning";
          case NOTE -> "Note";
        });
    node.put("at", problem.where());
    if (problem.resource() != null) {
      node.put("resource", problem.resource().toString());
    }
    return node.put("field", problem.field()).put("message", problem.message());
  }
}
