package dev.longshore.operator.translate.ingress.nginx;

import dev.longshore.contract.PathType;
import dev.longshore.contract.RuleAction.PathRewrite;
import dev.longshore.contract.RuleAction.Redirect;
import dev.longshore.operator.translate.field.Names;
import dev.longshore.operator.translate.verdict.Quote;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A URL to which nginx redirects ({@code return}): literal, or with those variables that stand for
 * what the client asked for. What is literal goes to the client as it is written: without the path
 * and the query of the request, which {@code $request_uri} has.
 *
 * @param scheme null: the client's
 * @param host null: the client's
 * @param port null: the scheme's own, or the client's
 * @param target what follows; with {@link #asked}, what goes before the client's path
 * @param asked whether the client's path and query follow
 */
public record NginxRedirect(
    @Nullable String scheme,
    @Nullable String host,
    @Nullable Integer port,
    String target,
    boolean asked,
    int status) {
  /** What the redirects that people write take. */
  static final String URL =
      "a URL such as https://new.example.com/path or https://new.example.com$request_uri; of"
          + " variables it may have $scheme before ://, $host behind it, and $request_uri at the"
          + " end";

  private static final Pattern FORM =
      Pattern.compile("([A-Za-z]{1,8}|\\$[a-z_]{1,40})://([^/?#$]+|\\$[a-z_]{1,40})([/?#$].*)?");

  private static final Set<String> SCHEMES = Set.of("$scheme", "$pass_access_scheme");
  private static final Set<String> HOSTS =
      Set.of("$host", "$http_host", "$best_http_host", "$server_name");

  private static final Pattern ASKED =
      Pattern.compile("(.*?)(?:\\$request_uri|\\$uri\\$is_args\\$(?:args|query_string))");

  private static final Pattern TARGET = Pattern.compile("(?:[/?#][!-\\[\\]-~]{0,1023})?");
  private static final int LONGEST = 2048;

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException if it isn't one that can be served; says what would be right
   */
  static NginxRedirect parse(String text, int status) {
    Matcher form = text.length() > LONGEST ? null : FORM.matcher(braceless(text));
    if (form == null || !form.matches()) {
      throw bad(text);
    }
    String scheme = form.group(1).toLowerCase(Locale.ROOT);
    boolean anyScheme = SCHEMES.contains(scheme);
    if (!anyScheme && !scheme.equals("http") && !scheme.equals("https")) {
      throw bad(text);
    }
    String authority = form.group(2).toLowerCase(Locale.ROOT);
    boolean anyHost = HOSTS.contains(authority);
    int colon = authority.lastIndexOf(':');
    String name = colon < 0 ? authority : authority.substring(0, colon);
    if (!anyHost && !Names.isObject(name)) {
      throw bad(text);
    }
    Integer port = anyHost || colon < 0 ? null : port(authority.substring(colon + 1), text);
    String rest = form.group(3) == null ? "" : form.group(3);
    Matcher behind = ASKED.matcher(rest);
    boolean asked = behind.matches();
    String target = asked ? behind.group(1) : rest;
    if (target.indexOf('$') >= 0
        || !TARGET.matcher(target).matches()
        || (asked && !isBefore(target))) {
      throw bad(text);
    }
    if (anyScheme && anyHost && asked && target.isEmpty()) {
      throw new IllegalArgumentException(
          Quote.of(text) + " leads to where it was asked, round in circles");
    }
    return new NginxRedirect(
        anyScheme ? null : scheme, anyHost ? null : name, port, target, asked, status);
  }

  /** Whether a path can follow it. */
  private static boolean isBefore(String target) {
    return target.isEmpty()
        || (target.startsWith("/")
            && !target.endsWith("/")
            && !target.contains("//")
            && !target.contains("/.")
            && target.chars().noneMatch(c -> c == '?' || c == '#' || c == ';' || c == '%'));
  }

  private static String braceless(String text) {
    return text.replaceAll("\\$\\{([a-z_]{1,40})}", "\\$$1");
  }

  private static Integer port(String digits, String text) {
    if (digits.isEmpty()
        || digits.length() > 5
        || !digits.chars().allMatch(c -> c >= '0' && c <= '9')
        || Integer.parseInt(digits) < 1
        || Integer.parseInt(digits) > 65_535) {
      throw bad(text);
    }
    return Integer.valueOf(digits);
  }

  private static IllegalArgumentException bad(String text) {
    // Before an @ may stand a password.
    String shown = text.indexOf('@') < 0 ? Quote.of(text) : "it";
    return new IllegalArgumentException(shown + " is not " + URL);
  }

  /**
   * What a rule answers.
   *
   * @throws IllegalArgumentException if a rule of that place can't answer it; says why
   */
  public Redirect at(PathType type, String path) {
    return new Redirect(scheme, host, port, change(type, path), status, "");
  }

  private @Nullable PathRewrite change(PathType type, String path) {
    if (!asked) {
      return new PathRewrite(PathRewrite.Type.REPLACE_TARGET, target);
    }
    if (target.isEmpty()) {
      return null;
    }
    // The rule's own path is the begin of what was asked for, so it stays behind what goes before.
    return switch (type) {
      case PREFIX ->
          new PathRewrite(
              PathRewrite.Type.REPLACE_PREFIX, path.equals("/") ? target : target + path);
      case EXACT -> new PathRewrite(PathRewrite.Type.REPLACE_FULL, target + path);
      case REGEX ->
          throw new IllegalArgumentException(
              "puts a path before $request_uri, where the path of the rule is a regular expression,"
                  + " so it answers 503: write a Prefix");
    };
  }
}
