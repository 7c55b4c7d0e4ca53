package dev.longshore.operator.translate.rule;

import dev.longshore.api.v1alpha1.Location;
import dev.longshore.api.v1alpha1.Location.PathRewriteType;
import dev.longshore.contract.PathType;
import dev.longshore.contract.RuleAction.Forward;
import dev.longshore.contract.RuleAction.PathRewrite;
import dev.longshore.contract.RuleAction.Redirect;
import dev.longshore.contract.RuleAction.Respond;
import dev.longshore.contract.RuleAction.Rewrite;
import dev.longshore.contract.RuleAction.Served;
import dev.longshore.operator.translate.field.Names;
import dev.longshore.operator.translate.field.Paths;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads what the upstream sees instead of the client's path and Host. */
public final class RewriteReader {
  private RewriteReader() {}

  /** The rewrite of a location. */
  public static Rewrite read(
      Location.@Nullable Rewrite rewrite, PathType type, String fieldPath, Problems problems) {
    if (rewrite == null) {
      return Rewrite.NONE;
    }
    String host = rewrite.host();
    Location.PathRewrite path = rewrite.path();
    return new Rewrite(
        path == null ? null : path(path, type, fieldPath + ".path", problems),
        host == null ? null : problems.parse(fieldPath + ".host", () -> host(host)));
  }

  /**
   * A Host header: a name or address, with a port if need be.
   *
   * @throws IllegalArgumentException if it isn't one
   */
  static String host(String text) {
    int colon = text.lastIndexOf(':');
    String name = colon < 0 ? text : text.substring(0, colon);
    if (!Names.isObject(name) || (colon >= 0 && !isPort(text.substring(colon + 1)))) {
      throw new IllegalArgumentException(
          Quote.of(text) + " is not a host such as chat.internal or chat.internal:8080");
    }
    return text;
  }

  /**
   * An absolute path to put in another's place.
   *
   * @throws IllegalArgumentException if it isn't one
   */
  public static String value(String text) {
    // As Exact: a slash at the end is meant.
    return Paths.parse(text, PathType.EXACT);
  }

  /** What is put in a path's place; null with a fault. */
  static @Nullable PathRewrite path(
      Location.PathRewrite path, PathType type, String fieldPath, Problems problems) {
    PathRewriteType what = path.type();
    if (what == null) {
      problems.fault(
          Reason.INVALID, fieldPath + ".type", "is missing: write ReplacePrefix or ReplaceFull");
      return null;
    }
    if (what == PathRewriteType.REPLACE_PREFIX && type == PathType.REGEX) {
      problems.fault(
          Reason.INVALID, fieldPath + ".type", "a Regex has no prefix to replace: use ReplaceFull");
    }
    String value =
        problems.parse(
            fieldPath + ".value", () -> value(Objects.requireNonNullElse(path.value(), "")));
    return value == null
        ? null
        : new PathRewrite(
            switch (what) {
              case REPLACE_PREFIX -> PathRewrite.Type.REPLACE_PREFIX;
              case REPLACE_FULL -> PathRewrite.Type.REPLACE_FULL;
            },
            value);
  }

  private static boolean isPort(String text) {
    return text.length() <= 5
        && !text.isEmpty()
        && text.chars().allMatch(c -> c >= '0' && c <= '9')
        && Integer.parseInt(text) >= 1
        && Integer.parseInt(text) <= 65535;
  }

  /** Whether what is behind the matched prefix stays: no pattern can stand in its place. */
  public static boolean replacesPrefix(Served action) {
    PathRewrite path =
        switch (action) {
          case Forward forward -> forward.rewrite().path();
          case Redirect redirect -> redirect.path();
          case Respond _ -> null;
        };
    return path != null && path.type() == PathRewrite.Type.REPLACE_PREFIX;
  }
}
