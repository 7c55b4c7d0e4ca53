package dev.longshore.operator.source.manifest;

import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.manifest.Tree.Entry;
import dev.longshore.operator.source.manifest.Tree.Mapping;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * What is said of a manifest of a kind that isn't read: a mistake where one of ours was meant, a
 * note where its author may hope for more, and nothing of what a repository holds besides.
 */
final class UnreadKind {
  private static final List<String> LABELS =
      Arrays.stream(Kind.values()).map(Kind::label).sorted().toList();

  private UnreadKind() {}

  /**
   * It doesn't say what it is.
   *
   * @param field {@code kind} or {@code apiVersion}
   */
  static Fault missing(Mapping mapping, String prefix, String field) {
    Entry present = mapping.entry(field);
    if (present != null) {
      return new Fault(
          present.value().at(),
          prefix + field,
          "must be a string, found " + present.value().describe());
    }
    for (Entry entry : mapping.entries()) {
      String hint = DidYouMean.hint(entry.key(), Set.of(field));
      if (hint.contains("did you mean") && !entry.key().equals("spec")) {
        return new Fault(entry.keyAt(), prefix + entry.key(), "unknown field" + hint);
      }
    }
    return new Fault(
        mapping.at(),
        prefix + field,
        "is missing: a manifest begins with apiVersion and kind, such as apiVersion:"
            + " longshore.dev/v1alpha1, kind: WebSocketRoute");
  }

  /** A kind of which nothing is read. */
  static Document unknown(Mapping mapping, String prefix, String apiVersion, String kind) {
    Position at = mapping.keyAt("kind");
    String hint = DidYouMean.hint(kind, LABELS);
    boolean near = hint.contains("did you mean");
    if (group(apiVersion).equals("longshore.dev")) {
      return Document.faulty(
          new Fault(
              at,
              prefix + "kind",
              "longshore.dev has no kind "
                  + kind
                  + (near ? hint : "; it has WebSocketRoute and LongshoreConfig")));
    }
    if (kind.equals("Kustomization") && prefix.isEmpty()) {
      return Document.noted(new Fault(at, "kind", ForeignDocument.kustomization()));
    }
    // What else a repository holds is no news: Deployments, Certificates, …
    return near || ForeignDocument.routes(group(apiVersion))
        ? Document.noted(
            new Fault(
                at, prefix + "kind", "skipped: " + kind + " is not read" + (near ? hint : "")))
        : Document.EMPTY;
  }

  /** A kind that is read, of a version or group that is not. */
  static Document otherVersion(Mapping mapping, String prefix, String apiVersion, Kind known) {
    Position at = mapping.keyAt("apiVersion");
    boolean sameGroup = group(apiVersion).equals(known.group());
    boolean near = DidYouMean.hint(apiVersion, Set.of(known.apiVersion())).contains("did you mean");
    boolean formerIngress =
        known == Kind.INGRESS
            && (apiVersion.startsWith("extensions/") || apiVersion.endsWith("/v1beta1"));
    if (formerIngress) {
      return Document.faulty(
          new Fault(
              at,
              prefix + "apiVersion",
              apiVersion
                  + " went with Kubernetes 1.22: write networking.k8s.io/v1, with a pathType per"
                  + " path, and backend.service.name and backend.service.port instead of"
                  + " serviceName and servicePort"));
    }
    if (sameGroup || near) {
      return Document.faulty(
          new Fault(
              at,
              prefix + "apiVersion",
              known.label() + " is read as " + known.apiVersion() + ", found " + apiVersion));
    }
    return Document.noted(
        new Fault(
            at,
            prefix + "apiVersion",
            "skipped: " + known.label() + " of " + apiVersion + " is not read"));
  }

  /** Group of an apiVersion: the part before the slash, else the core group's empty name. */
  private static String group(String apiVersion) {
    int slash = apiVersion.indexOf('/');
    return slash < 0 ? "" : apiVersion.substring(0, slash);
  }
}
