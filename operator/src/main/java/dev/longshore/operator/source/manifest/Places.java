package dev.longshore.operator.source.manifest;

import dev.longshore.operator.source.Kind;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Tells of a manifest with faults whether it still says which hosts it is about. If so its rules
 * keep their places, answering 503; if not they could only be put where they were never meant to
 * be.
 */
final class Places {
  /** Faults after which a route's hosts, or its class, aren't what was meant. */
  private static final Pattern ROUTE =
      Pattern.compile("spec|spec\\.(?!upstreams|locations|policy|tls)[^.\\[]*.*");

  /** The same of an Ingress. */
  private static final Pattern INGRESS =
      Pattern.compile(
          "spec|spec\\.(?!rules|tls|defaultBackend)[^.\\[]*.*"
              + "|spec\\.rules(\\[\\d+](\\.(?!http)[^.\\[]*.*)?)?");

  /** A LongshoreConfig is about no host. */
  private static final Pattern NONE = Pattern.compile("spec");

  private Places() {}

  /**
   * Whether the hosts are known in spite of the faults.
   *
   * @param path of the manifest in its document
   */
  static boolean areKnown(Kind kind, String path, List<Fault> faults) {
    Pattern fatal =
        switch (kind) {
          case WEB_SOCKET_ROUTE -> ROUTE;
          case INGRESS -> INGRESS;
          case LONGSHORE_CONFIG -> NONE;
          case INGRESS_CLASS, SERVICE, ENDPOINT_SLICE, SECRET, CONFIG_MAP -> null;
        };
    int prefix = path.isEmpty() ? 0 : path.length() + 1;
    return fatal != null
        && faults.stream()
            .allMatch(
                fault ->
                    fault.field().length() > prefix
                        && isBelow(fault.field().substring(prefix))
                        && !fatal.matcher(fault.field().substring(prefix)).matches());
  }

  /** Whether a fault lies in a part that a manifest has, and not in a misspelt {@code spec}. */
  private static boolean isBelow(String field) {
    return field.startsWith("spec.") || field.startsWith("metadata.");
  }
}
