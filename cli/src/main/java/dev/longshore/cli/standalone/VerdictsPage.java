package dev.longshore.cli.standalone;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longshore.cli.verdict.VerdictJson;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.folder.FolderSource;
import dev.longshore.operator.translate.verdict.Verdict;
import dev.longshore.process.admin.AdminPage;
import dev.longshore.process.admin.AdminResponse;
import dev.longshore.process.admin.BadQueryException;
import dev.longshore.process.admin.Query;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * {@code /verdicts} at the admin port: what was made of the manifests, in the form of {@code check
 * -o json}.
 *
 * <p>Parameters: {@code limit} (1 to 10000 resources, default 1000), {@code namespace}, {@code
 * name}.
 */
final class VerdictsPage implements AdminPage {
  private static final int DEFAULT_LIMIT = 1000;
  private static final int MAX_LIMIT = 10_000;
  private static final Set<String> KNOWN = Set.of("limit", "namespace", "name");

  private final Supplier<Standalone.Judged> latest;
  private final FolderSource source;

  VerdictsPage(Supplier<Standalone.Judged> latest, FolderSource source) {
    this.latest = latest;
    this.source = source;
  }

  @Override
  public AdminResponse get(Query query) throws BadQueryException {
    query.onlyKnown(KNOWN);
    long limit = query.number("limit", 1, MAX_LIMIT, DEFAULT_LIMIT);
    Optional<String> namespace = query.text("namespace");
    Optional<String> name = query.text("name");
    Standalone.Judged now = latest.get();
    TreeMap<ResourceRef, Verdict> wanted = new TreeMap<>();
    now.verdicts()
        .forEach(
            (ref, verdict) -> {
              if (namespace.orElse(ref.namespace()).equals(ref.namespace())
                  && name.orElse(ref.name()).equals(ref.name())) {
                wanted.put(ref, verdict);
              }
            });
    Map<ResourceRef, Verdict> shown = new TreeMap<>();
    wanted.entrySet().stream()
        .limit(limit)
        .forEach(entry -> shown.put(entry.getKey(), entry.getValue()));
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("total", wanted.size());
    root.set("resources", VerdictJson.resources(now.reading().view(), shown, source.whereabouts()));
    ArrayNode problems = root.putArray("manifestProblems");
    now.reading().problems().stream()
        .limit(limit)
        .forEach(problem -> problems.add(VerdictJson.of(problem)));
    return AdminResponse.json(root.toPrettyString().getBytes(StandardCharsets.UTF_8));
  }
}
