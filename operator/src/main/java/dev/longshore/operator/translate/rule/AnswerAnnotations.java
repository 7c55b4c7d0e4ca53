package dev.longshore.operator.translate.rule;

import dev.longshore.api.v1alpha1.Location;
import dev.longshore.operator.translate.policy.Choice;
import dev.longshore.operator.translate.policy.PolicyAnnotations;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads the annotations by which an Ingress says that its rules redirect or respond, into what a
 * location says in fields. A mistake in one closes the rules: without it their requests would go to
 * the backends.
 */
public final class AnswerAnnotations {
  private static final Map<String, String> OF_REDIRECT =
      Map.of(
          "scheme", "redirect-scheme",
          "host", "redirect-host",
          "port", "redirect-port",
          "path", "redirect-path",
          "path.full", "redirect-full-path",
          "status", "redirect-status");

  private static final Map<String, String> OF_RESPONSE =
      Map.of(
          "status", "respond-status",
          "contentType", "respond-content-type",
          "body", "respond-body",
          "bodyRef", "respond-body-ref");

  private static final Choice<Location.Scheme, Location.Scheme> SCHEME =
      Choice.of(Location.Scheme.class);

  private static final int MOST_DIGITS = 9;

  private final Map<String, String> values;
  private final Problems problems;

  /** Of values by names behind {@code longshore.dev/}. */
  public AnswerAnnotations(Map<String, String> values, Problems problems) {
    this.values = values;
    this.problems = problems;
  }

  /** Their names behind {@code longshore.dev/}. */
  public static Set<String> names() {
    Set<String> names = new TreeSet<>(OF_REDIRECT.values());
    names.addAll(OF_RESPONSE.values());
    return names;
  }

  /** The redirect; null: none is stated. */
  public Location.@Nullable Redirect redirect() {
    if (states(OF_REDIRECT) == null) {
      return null;
    }
    String response = states(OF_RESPONSE);
    if (response != null) {
      problems.fault(
          Reason.INVALID,
          PolicyAnnotations.path(response),
          "stands beside a redirect: remove one of them");
    }
    return new Location.Redirect(
        scheme(),
        values.get("redirect-host"),
        number("redirect-port"),
        path(),
        number("redirect-status"));
  }

  /** What is answered; null: nothing is stated. */
  public Location.@Nullable Respond respond() {
    return states(OF_RESPONSE) == null
        ? null
        : new Location.Respond(
            number("respond-status"),
            values.get("respond-content-type"),
            values.get("respond-body"),
            bodyRef());
  }

  /** The field path of a field of the redirect. */
  public String redirectPath(String field) {
    if (field.startsWith("path")) {
      return PolicyAnnotations.path(
          values.containsKey("redirect-path") ? "redirect-path" : "redirect-full-path");
    }
    String annotation = OF_REDIRECT.get(field);
    return PolicyAnnotations.path(annotation == null ? "redirect-status" : annotation);
  }

  /** The field path of a field of what is answered. */
  public static String respondPath(String field) {
    String annotation = OF_RESPONSE.get(field.startsWith("bodyRef") ? "bodyRef" : field);
    return PolicyAnnotations.path(annotation == null ? "respond-status" : annotation);
  }

  /** One of them that is stated; null: none. */
  private @Nullable String states(Map<String, String> annotations) {
    return annotations.values().stream()
        .filter(values::containsKey)
        .sorted()
        .findFirst()
        .orElse(null);
  }

  private Location.@Nullable Scheme scheme() {
    String text = values.get("redirect-scheme");
    return text == null
        ? null
        : problems.parse(PolicyAnnotations.path("redirect-scheme"), () -> SCHEME.ofText(text));
  }

  private Location.@Nullable PathRewrite path() {
    String prefix = values.get("redirect-path");
    String full = values.get("redirect-full-path");
    if (prefix != null && full != null) {
      problems.fault(
          Reason.INVALID,
          PolicyAnnotations.path("redirect-full-path"),
          "stands beside redirect-path: remove one of them");
    }
    if (prefix != null) {
      return new Location.PathRewrite(Location.PathRewriteType.REPLACE_PREFIX, prefix);
    }
    return full == null
        ? null
        : new Location.PathRewrite(Location.PathRewriteType.REPLACE_FULL, full);
  }

  private Location.@Nullable ConfigMapKeyRef bodyRef() {
    String text = values.get("respond-body-ref");
    if (text == null) {
      return null;
    }
    int slash = text.indexOf('/');
    if (slash < 0) {
      problems.fault(
          Reason.INVALID,
          PolicyAnnotations.path("respond-body-ref"),
          Quote.of(text) + " is not the name of a ConfigMap and a key: pages/sorry.html");
      return null;
    }
    return new Location.ConfigMapKeyRef(text.substring(0, slash), text.substring(slash + 1));
  }

  private @Nullable Integer number(String annotation) {
    String text = values.get(annotation);
    return text == null
        ? null
        : problems.parse(PolicyAnnotations.path(annotation), () -> number(text, annotation));
  }

  private static Integer number(String text, String annotation) {
    if (text.isEmpty()
        || text.length() > MOST_DIGITS
        || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new IllegalArgumentException(
          Quote.of(text) + " is not a " + (annotation.endsWith("port") ? "port" : "status"));
    }
    return Integer.valueOf(text);
  }
}
