package dev.longshore.operator.translate.rule;

import dev.longshore.api.v1alpha1.Location;
import dev.longshore.contract.HardLimits;
import dev.longshore.contract.policy.FixedAnswer;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.translate.claim.References;
import dev.longshore.operator.translate.field.Names;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import io.fabric8.kubernetes.api.model.ConfigMap;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what a rule answers by itself. */
public final class RespondReader {
  private static final int LONGEST_LITERAL = 4096;
  private static final int LONGEST_TYPE = 256;
  private static final int OK = 200;
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final Pattern MEDIA_TYPE =
      Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+( *;[ -~]*)?");

  private final References references;
  private final UnaryOperator<String> path;
  private final Problems problems;

  /**
   * Reads for one rule.
   *
   * @param path from a field ({@code bodyRef.key}) to its field path
   */
  public RespondReader(References references, UnaryOperator<String> path, Problems problems) {
    this.references = references;
    this.path = path;
    this.problems = problems;
  }

  /** The answer; with a fault it must not be used. */
  public FixedAnswer read(Location.Respond respond) {
    int status = respond.status() == null ? OK : respond.status();
    if (!FixedAnswer.isStatus(status)) {
      problems.fault(
          Reason.INVALID,
          path.apply("status"),
          status + " is not 200 to 299 or 400 to 599; for others write redirect");
    }
    String body = body(respond);
    if (FixedAnswer.isBodiless(status) && !body.isEmpty()) {
      problems.fault(
          Reason.INVALID, path.apply("status"), "an answer of status " + status + " has no body");
    }
    String type = Objects.requireNonNullElse(respond.contentType(), TEXT);
    if (type.length() > LONGEST_TYPE || !MEDIA_TYPE.matcher(type).matches()) {
      problems.fault(
          Reason.INVALID,
          path.apply("contentType"),
          Quote.of(type) + " is not a media type such as application/json");
    }
    return new FixedAnswer(status, body.isEmpty() ? "" : type, body);
  }

  private String body(Location.Respond respond) {
    String literal = respond.body();
    Location.ConfigMapKeyRef ref = respond.bodyRef();
    if (literal != null && ref != null) {
      problems.fault(Reason.INVALID, path.apply("body"), "give one of body and bodyRef, or none");
    }
    if (literal != null && literal.length() > LONGEST_LITERAL) {
      problems.fault(
          Reason.INVALID,
          path.apply("body"),
          "has %,d characters: at most %,d; put it into a ConfigMap, and write bodyRef"
              .formatted(literal.length(), LONGEST_LITERAL));
    }
    String referred = ref == null ? null : referred(ref);
    return literal != null ? literal : referred == null ? "" : referred;
  }

  private @Nullable String referred(Location.ConfigMapKeyRef ref) {
    String name =
        problems.parse(
            path.apply("bodyRef.name"),
            () -> Names.object(Objects.requireNonNullElse(ref.name(), "")));
    String key =
        problems.parse(
            path.apply("bodyRef.key"),
            () -> Names.dataKey(Objects.requireNonNullElse(ref.key(), "")));
    if (name == null || key == null) {
      return null;
    }
    ConfigMap map = references.configMap(name);
    if (map == null) {
      problems.fault(
          Reason.CONFIG_MAP_NOT_FOUND,
          path.apply("bodyRef.name"),
          references.missing(Kind.CONFIG_MAP, name));
      return null;
    }
    Map<String, String> data = map.getData();
    String body = data == null ? null : data.get(key);
    if (body == null
        || body.getBytes(StandardCharsets.UTF_8).length > HardLimits.FIXED_ANSWER_BYTES) {
      problems.fault(
          Reason.CONFIG_MAP_NOT_FOUND,
          path.apply("bodyRef.key"),
          "ConfigMap %s/%s has no %s of at most %,d bytes in data"
              .formatted(
                  references.namespace(), name, Quote.of(key), HardLimits.FIXED_ANSWER_BYTES));
      return null;
    }
    return body;
  }
}
