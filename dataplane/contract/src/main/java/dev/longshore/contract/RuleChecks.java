package dev.longshore.contract;

import dev.longshore.contract.RuleAction.Forward;
import dev.longshore.contract.RuleAction.PathRewrite;
import dev.longshore.contract.RuleAction.Redirect;
import dev.longshore.contract.RuleAction.Respond;
import dev.longshore.contract.RuleAction.Rewrite;
import dev.longshore.contract.RuleAction.Served;
import dev.longshore.contract.RuleAction.Unavailable;
import dev.longshore.contract.RuleAction.WeightedPool;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks a location rule by itself; what it refers to is looked up by {@link ReferenceChecks}. */
final class RuleChecks {
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
  private static final int MAX_WEIGHT = 1_000_000;
  private static final int MAX_MATCHES = 16;
  private static final int MAX_QUERY_NAME = 128;
  private static final int MAX_QUERY_VALUE = 1024;
  private static final int MAX_REASON = 128;
  private static final int MAX_MESSAGE = 32_768;
  private static final Pattern GROUP = Pattern.compile("\\$[1-9]");

  private RuleChecks() {}

  static void check(LocationRule rule, Field field) {
    key(rule.key(), field.at("key"));
    switch (rule.action()) {
      case Served served -> normalised(rule.key(), field.at("key").at("path"));
      // Keeps the place of a rule whose path may be what is wrong with it.
      case Unavailable unavailable -> {}
    }
    Field source = field.at("source");
    if (rule.source().index() < 0) {
      source.at("index").mustBe("0 or more", rule.source().index());
    }
    if (rule.source().createdAt() < 0) {
      source.at("createdAt").mustBe("seconds since the epoch, or 0", rule.source().createdAt());
    }
    switch (rule.action()) {
      case Forward forward -> forward(forward, rule.key().pathType(), field.at("action"));
      case Redirect redirect -> redirect(redirect, rule.key().pathType(), field.at("action"));
      case Respond respond -> {}
      case Unavailable unavailable -> unavailable(unavailable, field.at("action"));
    }
  }

  private static void key(RuleKey key, Field field) {
    if (!key.host().equals(RuleKey.ANY_HOST) && !Syntax.isHostOrWildcard(key.host())) {
      field.at("host").mustBe(Syntax.HOST, key.host());
    }
    switch (key.pathType()) {
      case EXACT, PREFIX -> {
        if (!Syntax.isAbsolutePath(key.path())) {
          absolutePath(key.path(), field.at("path"));
        }
      }
      case REGEX -> pattern(key.path(), field.at("path"));
    }
    matches(key.matches(), field.at("matches"));
  }

  private static void normalised(RuleKey key, Field field) {
    if (key.pathType() != PathType.REGEX
        && Syntax.isAbsolutePath(key.path())
        && !Syntax.isNormalised(key.path())) {
      field.mustBe("normalised: no //, no dot segments, no ;, no %2e, %2f, %5c or %00", key.path());
    }
  }

  private static void absolutePath(String path, Field field) {
    field.mustBe(
        "a path of at most 1,024 characters that begins with / and holds no query, fragment,"
            + " backslash, blank or control character",
        path);
  }

  private static void pattern(String pattern, Field field) {
    try {
      BoundedPattern.compile(pattern);
    } catch (IllegalArgumentException e) {
      field.wrong(String.valueOf(e.getMessage()));
    }
  }

  private static void matches(Matches matches, Field field) {
    count(matches.headers(), MAX_MATCHES, field.at("headers"));
    count(matches.query(), MAX_MATCHES, field.at("query"));
    for (int i = 0; i < matches.headers().size(); i++) {
      ValueMatch match = matches.headers().get(i);
      Field at = field.at("headers").at(i);
      if (!Syntax.isToken(match.name()) || !Syntax.isLowerCase(match.name())) {
        at.at("name").mustBe(Syntax.TOKEN + " in lower case", match.name());
      }
      switch (match.type()) {
        case EXACT -> {
          if (!Syntax.isFieldValue(match.value())) {
            at.at("value").mustBe(Syntax.FIELD_VALUE, match.value());
          }
        }
        case REGEX -> pattern(match.value(), at.at("value"));
      }
    }
    for (int i = 0; i < matches.query().size(); i++) {
      ValueMatch match = matches.query().get(i);
      Field at = field.at("query").at(i);
      if (match.name().isEmpty() || match.name().length() > MAX_QUERY_NAME) {
        at.at("name").mustBe("1 to 128 characters long", match.name());
      }
      switch (match.type()) {
        case EXACT -> {
          if (match.value().length() > MAX_QUERY_VALUE) {
            at.at("value").mustBe("at most 1,024 characters long", match.value());
          }
        }
        case REGEX -> pattern(match.value(), at.at("value"));
      }
    }
  }

  private static void forward(Forward forward, PathType pathType, Field field) {
    List<WeightedPool> backends = forward.backends();
    Field at = field.at("backends");
    count(backends, HardLimits.BACKENDS_PER_RULE, at);
    long sum = 0;
    for (int i = 0; i < backends.size(); i++) {
      int weight = backends.get(i).weight();
      if (weight < 0 || weight > MAX_WEIGHT) {
        at.at(i).at("weight").mustBe("0 to 1,000,000", weight);
      }
      sum += Math.max(0, weight);
    }
    if (backends.isEmpty()) {
      at.wrong("is empty; at least one backend is needed");
    } else if (sum == 0) {
      at.wrong("has no weight above 0; at least one is needed");
    }
    rewrite(forward.rewrite(), pathType, field.at("rewrite"));
  }

  private static void redirect(Redirect redirect, PathType pathType, Field field) {
    String scheme = redirect.scheme();
    if (scheme != null && !scheme.equals("http") && !scheme.equals("https")) {
      field.at("scheme").mustBe("http or https", scheme);
    }
    String host = redirect.host();
    if (host != null && !Syntax.isHostName(host)) {
      field.at("host").mustBe("a lower-case host name such as chat.example.com", host);
    }
    Integer port = redirect.port();
    if (port != null && !Syntax.isPort(port)) {
      field.at("port").mustBe("1 to 65,535", port);
    }
    if (!REDIRECTS.contains(redirect.status())) {
      field.at("status").mustBe("301, 302, 303, 307 or 308", redirect.status());
    }
    PathRewrite path = redirect.path();
    if (path != null && path.type() == PathRewrite.Type.REPLACE_TARGET) {
      if (!Syntax.isTarget(path.value())) {
        field.at("path").at("value").mustBe(Syntax.TARGET, path.value());
      }
      return;
    }
    path(path, pathType, field.at("path"));
    if (path != null && path.type() == PathRewrite.Type.REPLACE_MATCH) {
      field.at("path").at("type").mustBe("REPLACE_FULL or REPLACE_PREFIX", path.type());
    }
    // Two slashes at its begin would make it a reference to another host (RFC 3986 §4.2).
    if (path != null && Syntax.isAbsolutePath(path.value()) && !Syntax.isNormalised(path.value())) {
      field.at("path").at("value").mustBe("normalised: no //, no dot segments", path.value());
    }
    if (scheme == null && host == null && port == null && path == null) {
      field.wrong("leads back to where it was asked; give one of scheme, host, port and path");
    }
  }

  private static void path(@Nullable PathRewrite path, PathType pathType, Field field) {
    if (path == null) {
      return;
    }
    String value = path.value();
    if (path.type() == PathRewrite.Type.REPLACE_MATCH) {
      Matcher group = GROUP.matcher(value);
      if (group.results().count() > HardLimits.GROUPS_PER_REWRITE) {
        field.at("value").wrong("puts in more than " + HardLimits.GROUPS_PER_REWRITE + " groups");
      }
      // As a group's text it is checked when it is known.
      value = "/" + group.reset().replaceAll("x");
      if (pathType != PathType.REGEX) {
        field.at("type").mustBe("of a rule with a pattern, for others have no groups", path.type());
      }
    }
    if (!Syntax.isAbsolutePath(value)) {
      absolutePath(path.value(), field.at("value"));
    }
    if (pathType == PathType.REGEX && path.type() == PathRewrite.Type.REPLACE_PREFIX) {
      field.at("type").mustBe("REPLACE_FULL, for a pattern has no prefix", path.type());
    }
  }

  private static void rewrite(Rewrite rewrite, PathType pathType, Field field) {
    PathRewrite path = rewrite.path();
    path(path, pathType, field.at("path"));
    if (path != null && path.type() == PathRewrite.Type.REPLACE_TARGET) {
      field.at("path").at("type").mustBe("of a redirect, for a query stays", path.type());
    }
    String host = rewrite.host();
    if (host != null && !Syntax.isAuthority(host)) {
      field
          .at("host")
          .mustBe("a lower-case host name, optionally with a port, such as chat.internal", host);
    }
  }

  private static void unavailable(Unavailable unavailable, Field field) {
    String reason = unavailable.reason();
    if (!Syntax.isToken(reason) || reason.length() > MAX_REASON) {
      field.at("reason").mustBe("a condition reason such as UnsupportedValue", reason);
    }
    if (unavailable.message().length() > MAX_MESSAGE) {
      field.at("message").mustBe("at most 32,768 characters long", unavailable.message());
    }
  }

  private static void count(List<?> list, int max, Field field) {
    if (list.size() > max) {
      field.wrong("has " + list.size() + " entries; at most " + max + " are possible");
    }
  }
}
