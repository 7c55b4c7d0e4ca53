package dev.longshore.operator.translate.ingress.nginx;

import dev.longshore.contract.policy.SignIn;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where browsers sign in, as {@code auth-signin} says it ({@code buildAuthSignURL} of
 * ingress-nginx): a parameter of its query, {@code rd} unless another is named, has the URL that
 * was asked for.
 */
final class SignInUrl {
  private static final Map<String, String> PLACES =
      Map.of(
          "scheme", SignIn.SCHEME,
          "pass_access_scheme", SignIn.SCHEME,
          "host", SignIn.HOST,
          "http_host", SignIn.HOST,
          "best_http_host", SignIn.HOST,
          "escaped_request_uri", SignIn.URI,
          "request_uri", SignIn.URI);

  private static final Pattern VARIABLE =
      Pattern.compile("\\$(?:\\{([a-z_]{1,40})}|([a-z_]{1,40}))");
  private static final Pattern AUTHORITY = Pattern.compile("(?i)(https?://[^/?#{]*)(.*)");
  private static final Pattern PARAMETER = Pattern.compile("[A-Za-z0-9_-]{1,64}");
  private static final int LONGEST = 1024;

  private SignInUrl() {}

  /**
   * The URL with the places of {@link SignIn}.
   *
   * @param parameter as it is written; null: {@code rd}
   * @return null: it can't be served
   */
  static @Nullable String read(String text, @Nullable String parameter) {
    if (text.length() > LONGEST || text.replace("${", "").indexOf('{') >= 0) {
      return null;
    }
    StringBuilder url = new StringBuilder();
    Matcher variable = VARIABLE.matcher(text);
    while (variable.find()) {
      String place = PLACES.get(variable.group(1) == null ? variable.group(2) : variable.group(1));
      if (place == null) {
        return null;
      }
      variable.appendReplacement(url, Matcher.quoteReplacement(place));
    }
    variable.appendTail(url);
    String named = named(parameter);
    String whole = url.toString();
    if (whole.startsWith("/") && !whole.startsWith("//")) {
      whole = SignIn.SCHEME + "://" + SignIn.HOST + whole;
    }
    Matcher authority = AUTHORITY.matcher(whole);
    if (authority.matches()) {
      whole = authority.group(1).toLowerCase(Locale.ROOT) + authority.group(2);
    }
    int query = whole.indexOf('?');
    String asked = SignIn.SCHEME + "://" + SignIn.HOST + SignIn.URI;
    if (query < 0) {
      whole += "?" + named + "=" + asked;
    } else if (!has(whole.substring(query + 1), named)) {
      whole += "&" + named + "=" + asked;
    }
    return whole.indexOf('$') < 0 && SignIn.isLocation(whole) ? whole : null;
  }

  private static String named(@Nullable String parameter) {
    return parameter == null || !PARAMETER.matcher(parameter.strip()).matches()
        ? "rd"
        : parameter.strip();
  }

  private static boolean has(String query, String parameter) {
    for (String pair : query.split("&", -1)) {
      if (pair.startsWith(parameter + "=") && pair.length() > parameter.length() + 1) {
        return true;
      }
    }
    return false;
  }
}
