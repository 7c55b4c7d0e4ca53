package dev.longshore.operator.translate.rule;

import dev.longshore.contract.PathType;
import dev.longshore.operator.translate.field.PathPatterns;
import dev.longshore.operator.translate.ingress.IngressPaths;
import java.util.regex.Pattern;

/**
 * Knows the paths that ACME servers ask for before they issue a certificate (RFC 8555 §8.3): in the
 * clear, at port 80, by plain GET, while there is no certificate yet. Whatever a host says of TLS,
 * authentication or rewriting is not meant for them; ingress-nginx leaves them out by its {@code
 * no-tls-redirect-locations} and {@code no-auth-locations}.
 */
public final class AcmeChallenges {
  private static final String PATH = "/.well-known/acme-challenge";

  /** The same where all paths of a host are patterns; see {@link IngressPaths#pattern}. */
  private static final String PATTERN = "(?i)" + PathPatterns.quote(PATH + "/");

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_-]*");

  private AcmeChallenges() {}

  /** Whether a place is such a path, or holds nothing but such paths. */
  public static boolean cover(PathType type, String path) {
    return type == PathType.REGEX
        ? path.startsWith(PATTERN) && PLAIN.matcher(path.substring(PATTERN.length())).matches()
        : path.startsWith(PATH)
            && (path.length() == PATH.length() || path.charAt(PATH.length()) == '/');
  }
}
