package dev.longshore.contract.policy;

import dev.longshore.contract.Field;
import java.util.regex.Pattern;

/**
 * Where a client is sent that {@link ExternalAuth}'s service answers 401: to its sign-in.
 *
 * @param location a URL, in which {@code {scheme}}, {@code {host}} and {@code {uri}} stand for what
 *     was asked for; path and query are percent-encoded as a whole
 */
public record SignIn(String location) implements PolicyPart {
  /** Nowhere: the client gets the 401. */
  public static final SignIn NONE = new SignIn("");

  /** Scheme that was asked by. */
  public static final String SCHEME = "{scheme}";

  /** Host that was asked, with its port. */
  public static final String HOST = "{host}";

  /** Path and query that were asked for, so that they are one value of a query. */
  public static final String URI = "{uri}";

  /** What a location may be, in words. */
  public static final String FORM =
      "an absolute URL of at most 1,024 characters, with nothing in braces but {scheme} at its"
          + " begin, {host}, and behind the host {uri}";

  private static final int LONGEST = 1024;

  private static final Pattern LOCATION =
      Pattern.compile(
          "(?:https?|\\{scheme\\})://(?:[a-z0-9](?:[a-z0-9.-]{0,252})(?::[0-9]{1,5})?|\\{host\\})"
              + "(?:[/?#](?:[!-\\[\\]-z|~]|\\{scheme\\}|\\{host\\}|\\{uri\\})*)?");

  /** Whether a text can be a location. */
  public static boolean isLocation(String text) {
    return text.length() <= LONGEST && LOCATION.matcher(text).matches();
  }

  @Override
  public void check(Field at) {
    if (!isLocation(location)) {
      at.at("location").mustBe(FORM, location);
    }
  }
}
