package dev.longshore.cli.verdict;

import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.verdict.ConditionType;
import dev.longshore.operator.translate.verdict.Verdict;
import dev.longshore.operator.translate.verdict.Verdict.Condition;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressRule;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One line of the table of verdicts: what {@code kubectl get} would show.
 *
 * @param cells in the order of {@link #HEADINGS}
 */
public record VerdictRow(List<String> cells) {
  /** What stands above the rows of a table of verdicts. */
  public static final List<String> HEADINGS =
      List.of("KIND", "NAMESPACE/NAME", "HOSTS", "ACCEPTED", "RESOLVED", "ENDPOINTS", "PROGRAMMED");

  private static final int HOSTS_SHOWN = 3;

  public VerdictRow {
    cells = List.copyOf(cells);
  }

  /**
   * The line of a resource.
   *
   * @param programmed {@code True}, {@code False} or {@code -}
   */
  public static VerdictRow of(ResourceRef ref, Verdict verdict, View view, String programmed) {
    boolean accepted =
        verdict.condition(ConditionType.ACCEPTED).map(Condition::status).orElse(Boolean.FALSE);
    return new VerdictRow(
        List.of(
            ref.kind().label(),
            ref.namespace().isEmpty() ? ref.name() : ref.namespace() + "/" + ref.name(),
            hosts(ref, view),
            cell(verdict.condition(ConditionType.ACCEPTED)),
            cell(verdict.condition(ConditionType.RESOLVED_REFS)),
            cell(verdict.condition(ConditionType.ENDPOINTS_READY)),
            programmed(accepted, verdict.serves(), programmed)));
  }

  private static String programmed(boolean accepted, boolean serves, String programmed) {
    if (!accepted) {
      return "False";
    }
    return serves ? programmed : "False (503)";
  }

  private static String cell(Optional<Condition> condition) {
    return condition
        .map(
            c ->
                c.status()
                    ? c.reason().equals("PartiallyInvalid") ? "True (partially)" : "True"
                    : "False (" + c.reason() + ")")
        .orElse("-");
  }

  private static String hosts(ResourceRef ref, View view) {
    List<String> hosts = hostList(ref, view);
    if (hosts.size() <= HOSTS_SHOWN) {
      return String.join(",", hosts);
    }
    return String.join(",", hosts.subList(0, HOSTS_SHOWN))
        + ","
        + (hosts.size() - HOSTS_SHOWN)
        + " more";
  }

  /** The hosts that a resource claims; {@code *} for every host. */
  public static List<String> hostList(ResourceRef ref, View view) {
    return switch (ref.kind()) {
      case WEB_SOCKET_ROUTE -> {
        var route = view.routes().get(ref);
        var spec = route == null ? null : route.getSpec();
        List<String> hosts = spec == null ? null : spec.hosts();
        yield hosts == null ? List.of("*") : hosts;
      }
      case INGRESS -> ingressHosts(view.ingresses().get(ref));
      case LONGSHORE_CONFIG, INGRESS_CLASS, SERVICE, ENDPOINT_SLICE, SECRET, CONFIG_MAP ->
          List.of("-");
    };
  }

  private static List<String> ingressHosts(@org.jspecify.annotations.Nullable Ingress ingress) {
    if (ingress == null || ingress.getSpec() == null || ingress.getSpec().getRules() == null) {
      return List.of("*");
    }
    List<String> hosts =
        ingress.getSpec().getRules().stream()
            .map(IngressRule::getHost)
            .map(host -> Objects.requireNonNullElse(host, "*"))
            .distinct()
            .toList();
    return hosts.isEmpty() ? List.of("*") : hosts;
  }
}
