package dev.longshore.operator.translate.foreign;

import dev.longshore.operator.translate.ingress.nginx.NginxAnnotations;
import dev.longshore.operator.translate.ingress.nginx.Served;
import dev.longshore.operator.translate.ingress.nginx.ServedAnnotations;
import dev.longshore.operator.translate.ingress.nginx.SourceRanges;
import dev.longshore.operator.translate.policy.PolicyAnnotations;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Reason;
import dev.longshore.operator.translate.verdict.Suggestions;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Says of the annotations that an Ingress has for other controllers what becomes of them. None is
 * dropped silently: each is served, or said to be of no effect, or named with what to write in its
 * place. Where one decides who may come or where requests go, and can't be served, the rules answer
 * 503. The names are those of {@link ForeignTable}; the values of those that are served are {@link
 * NginxAnnotations}.
 */
public final class ForeignAnnotations {
  private static final int LONGEST = 16 * 1024;

  /** What ingress-nginx itself leaves out where ACME servers ask ({@code no-auth-locations}). */
  private static final Pattern GUARD = Pattern.compile("(auth|limit|global-rate-limit).*");

  private final Map<String, String> annotations;
  private final NginxAnnotations nginx;
  private final ServedAnnotations served;
  private final Problems problems = new Problems();
  private final Problems withoutGuards = new Problems();

  /**
   * Judges annotations.
   *
   * @param nginx the same
   * @param tls whether the Ingress wants TLS for any host
   */
  public ForeignAnnotations(
      @Nullable Map<String, String> annotations, NginxAnnotations nginx, boolean tls) {
    this.annotations = annotations == null ? Map.of() : new TreeMap<>(annotations);
    this.nginx = nginx;
    this.served = new ServedAnnotations(nginx, tls);
    this.annotations.forEach(this::judge);
  }

  /** What is to be said; a fault concerns all rules. */
  public Problems problems() {
    return problems;
  }

  /** The same without the faults that don't concern the paths that ACME servers ask for. */
  public Problems problemsOfChallenges() {
    return withoutGuards;
  }

  /** What those say that are served. */
  public Served served() {
    return served.served();
  }

  private void judge(String key, @Nullable String text) {
    int slash = key.indexOf('/');
    String prefix = key.substring(0, slash + 1);
    String name = key.substring(slash + 1);
    if (!ForeignTable.get().knows(prefix)) {
      return;
    }
    Problems found = new Problems();
    String value = text == null ? "" : text.strip();
    ForeignAnnotation row = ForeignTable.get().find(prefix, name);
    if (value.length() > LONGEST) {
      found.fault(
          Reason.INVALID, NginxAnnotations.path(key), "is longer than " + LONGEST + " characters");
    } else if (row == null) {
      Set<String> names =
          ForeignTable.get().rows(prefix).stream()
              .filter(known -> known.verdict() != ForeignAnnotation.Verdict.NEVER)
              .map(ForeignAnnotation::pattern)
              .filter(pattern -> !pattern.endsWith("*"))
              .collect(Collectors.toCollection(TreeSet::new));
      found.warn(
          Reason.NOT_SUPPORTED,
          NginxAnnotations.path(key),
          "that controller has no such annotation, so it did nothing there, and does nothing here"
              + Suggestions.of(name, names));
    } else {
      judge(row, key, name, value, found);
    }
    problems.addAll(found);
    if (prefix.equals(NginxAnnotations.PREFIX) && GUARD.matcher(name).matches()) {
      withoutGuards.mention(found);
    } else {
      withoutGuards.addAll(found);
    }
  }

  private void judge(ForeignAnnotation row, String key, String name, String value, Problems found) {
    String at = NginxAnnotations.path(key);
    String sentence = filled(row.sentence(), value);
    String write = filled(equivalent(row), value);
    if (row.verdict() == ForeignAnnotation.Verdict.QUIET) {
      return;
    }
    if (row.off().contains(value.toLowerCase(Locale.ROOT))
        || (row.off().contains("false") && NginxAnnotations.isFalse(value))) {
      return;
    }
    if (value.isEmpty() && row.verdict() != ForeignAnnotation.Verdict.SERVE) {
      // As charts write what their values leave out; no controller takes it for anything.
      found.note(Reason.NO_EFFECT, at, "no effect: it is empty");
      return;
    }
    if (row.verdict() == ForeignAnnotation.Verdict.CLOSE
        && row.equivalent().equals("allow")
        && SourceRanges.isAnyAddress(value)) {
      found.note(Reason.NO_EFFECT, at, "no effect: it lets everybody in");
      return;
    }
    if (!row.equivalent().isEmpty() && nginx.hasOurs(row.equivalent())) {
      found.note(
          Reason.NO_EFFECT, at, PolicyAnnotations.PREFIX + row.equivalent() + " says it here");
      return;
    }
    switch (row.verdict()) {
      case SERVE -> served.judge(name, value, at, found);
      case WRITE ->
          found.warn(
              Reason.NOT_SUPPORTED,
              at,
              "is not read here, and the rules go on without it: write longshore.dev/"
                  + write
                  + (sentence.isEmpty() ? "" : ", " + sentence));
      case LOST -> found.warn(Reason.NOT_SUPPORTED, at, "is not served: " + sentence);
      case NONE -> found.note(Reason.NO_EFFECT, at, "no effect here: " + sentence);
      case NEVER -> {
        String never =
            "no effect here, nor with that controller, which has no such annotation: " + sentence;
        if (row.security()) {
          found.warn(Reason.NOT_SUPPORTED, at, never);
        } else {
          found.note(Reason.NO_EFFECT, at, never);
        }
      }
      case PART -> part(row, at, found);
      case CLOSE ->
          found.fault(
              Reason.UNSUPPORTED_VALUE,
              at,
              "is not served, and decides who may come or where requests go, so the rules answer"
                  + " 503: "
                  + (write.isEmpty() ? "" : "write longshore.dev/" + write + " in its place")
                  + (write.isEmpty() || sentence.isEmpty() ? "" : "; ")
                  + sentence);
      case QUIET -> {}
    }
  }

  private void part(ForeignAnnotation row, String at, Problems found) {
    List<String> parents =
        row.parents().stream()
            .filter(parent -> annotations.containsKey(row.prefix() + parent))
            .toList();
    found.note(
        Reason.NO_EFFECT,
        at,
        parents.isEmpty()
            ? "no effect: by itself, without " + row.with() + ", it does nothing"
            : "is a part of " + parents.getFirst());
  }

  private static String equivalent(ForeignAnnotation row) {
    return row.verdict() == ForeignAnnotation.Verdict.PART ? "" : row.with();
  }

  private static String filled(String text, String value) {
    String shown = value.length() > 200 ? value.substring(0, 200) + "…" : value;
    boolean digits = !value.isEmpty() && value.chars().allMatch(c -> c >= '0' && c <= '9');
    return text.replace("{s}", digits ? shown + "s" : shown).replace("{v}", shown);
  }
}
