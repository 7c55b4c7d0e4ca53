package dev.longshore.operator.translate.foreign;

import java.util.List;

/**
 * What the table of other controllers' annotations says of one.
 *
 * @param prefix of the controller, with its slash
 * @param family what it belongs to, as of ingress-nginx; empty: of another controller
 * @param pattern the name, or how it begins and a {@code *}
 * @param scope how far it reaches
 * @param security whether whoever wrote it relies on it to keep somebody out
 * @param off values that say nothing, in lower case
 * @param with the {@code longshore.dev/} annotation of the same meaning, with the value to be
 *     written; of a part: what it is a part of; else empty
 * @param sentence for whoever wrote it; may be empty
 */
record ForeignAnnotation(
    String prefix,
    String family,
    String pattern,
    Scope scope,
    Verdict verdict,
    boolean security,
    List<String> off,
    String with,
    String sentence) {
  ForeignAnnotation {
    off = List.copyOf(off);
  }

  /** How far an annotation reaches. */
  enum Scope {
    /** The paths of its own Ingress. */
    PATH,
    /** All paths of its hosts. */
    HOST,
    /** Some of the requests for another Ingress. */
    CANARY
  }

  /** What becomes of the rules. */
  enum Verdict {
    /** Its value decides. */
    SERVE,
    /** They go on without it; there is an equivalent. */
    WRITE,
    /** They go on without it, and something is missing. */
    LOST,
    /** Nothing is missing without it. */
    NONE,
    /** It says how another one is done, and nothing by itself. */
    PART,
    /** It has never been an annotation of that controller. */
    NEVER,
    /** They answer 503. */
    CLOSE,
    /** It is somebody else's, who reads it. */
    QUIET
  }

  /** Whether it is about a name. */
  boolean matches(String name) {
    return pattern.endsWith("*")
        ? name.startsWith(pattern.substring(0, pattern.length() - 1))
        : name.equals(pattern);
  }

  /** The equivalent by its name alone; empty: there is none. */
  String equivalent() {
    int colon = with.indexOf(':');
    return verdict == Verdict.PART ? "" : colon < 0 ? with : with.substring(0, colon);
  }

  /** The names that it is a part of. */
  List<String> parents() {
    return verdict == Verdict.PART ? List.of(with.split(", ")) : List.of();
  }
}
