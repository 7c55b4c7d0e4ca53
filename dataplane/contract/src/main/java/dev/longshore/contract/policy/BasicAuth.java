package dev.longshore.contract.policy;

import dev.longshore.contract.Field;
import dev.longshore.contract.HardLimits;
import dev.longshore.contract.Secret;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A request has to carry the name and password of one of these users (RFC 7617).
 *
 * @param realm that clients are told
 * @param users lines of {@code name:hash}, as htpasswd writes them, without comments
 */
public record BasicAuth(String realm, Secret users) implements PolicyPart {
  /** Nobody has to say who it is. */
  public static final BasicAuth NONE = new BasicAuth("", new Secret(""));

  /** What a realm may be, in words. */
  public static final String REALM = "1 to 128 printable ASCII characters without \" and \\";

  /**
   * The most work that checking one password may take: as a power of two. Beyond, one request would
   * hold a thread for a second.
   */
  public static final int MOST_COST = 12;

  private static final Pattern REALM_FORM = Pattern.compile("[ !#-\\[\\]-~]{1,128}");
  private static final Pattern BCRYPT = Pattern.compile("\\$2[aby]\\$(\\d\\d)\\$[./A-Za-z0-9]{53}");
  private static final Pattern SHA = Pattern.compile("\\{SHA\\}[A-Za-z0-9+/]{27}=");
  private static final int LEAST_COST = 4;

  /** Whether a text can be a realm. */
  public static boolean isRealm(String text) {
    return REALM_FORM.matcher(text).matches();
  }

  /**
   * What is wrong with a line; completes "the line …", and holds nothing of it.
   *
   * @return null: nothing
   */
  public static @Nullable String problem(String line) {
    int colon = line.indexOf(':');
    if (colon < 1) {
      return "is not name:hash";
    }
    String hash = line.substring(colon + 1);
    Matcher bcrypt = BCRYPT.matcher(hash);
    if (bcrypt.matches()) {
      int cost = Integer.parseInt(bcrypt.group(1));
      return cost < LEAST_COST || cost > MOST_COST
          ? "has a bcrypt cost of " + cost + "; from " + LEAST_COST + " to " + MOST_COST
          : null;
    }
    return SHA.matcher(hash).matches() ? null : "has " + scheme(hash);
  }

  private static String scheme(String hash) {
    String name = "no hash that is known";
    if (hash.startsWith("$apr1$") || hash.startsWith("$1$")) {
      name = "an MD5 hash (apr1)";
    } else if (hash.startsWith("$5$")) {
      name = "a SHA-256 crypt hash";
    } else if (hash.startsWith("$6$")) {
      name = "a SHA-512 crypt hash";
    } else if (hash.startsWith("$argon2")) {
      name = "an Argon2 hash";
    } else if (hash.startsWith("{SSHA}")) {
      name = "a salted SHA-1 hash (SSHA)";
    } else if (hash.startsWith("$2")) {
      name = "a bcrypt hash that is not whole";
    }
    return name + "; bcrypt (htpasswd -B) and {SHA} are served";
  }

  @Override
  public void check(Field at) {
    if (!isRealm(realm)) {
      at.at("realm").mustBe(REALM, realm);
    }
    String text = users.reveal();
    if (text.isEmpty() || text.length() > HardLimits.HTPASSWD_BYTES) {
      at.at("users").wrong("must be 1 to " + HardLimits.HTPASSWD_BYTES + " characters");
      return;
    }
    int number = 0;
    for (String line : text.split("\n", -1)) {
      number++;
      String problem = problem(line);
      if (problem != null) {
        at.at("users").wrong("line " + number + " " + problem);
      }
    }
  }
}
