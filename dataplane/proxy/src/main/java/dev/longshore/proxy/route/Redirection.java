package dev.longshore.proxy.route;

import dev.longshore.contract.RuleAction;
import dev.longshore.contract.RuleAction.PathRewrite;
import dev.longshore.contract.RuleKey;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.route.RequestTarget.Accepted;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import org.jspecify.annotations.Nullable;

/**
 * Where a rule sends clients (RFC 9110 §15.4). What a request says gets into no other place of the
 * answer than the one that it had in the request: it can't name a host that the rule wasn't asked
 * by, for a path begins with exactly one slash, and it can't end the field, for what isn't of a URI
 * (RFC 3986) is percent-encoded.
 */
public final class Redirection {
  private static final int HTTP = 80;
  private static final int HTTPS = 443;
  private static final String DIGITS = "0123456789ABCDEF";

  private final @Nullable String scheme;
  private final @Nullable String host;
  private final int port;
  private final @Nullable PathRewrite path;
  private final LocalAnswer answer;

  private Redirection(RuleAction.Redirect redirect) {
    this.scheme = redirect.scheme();
    this.host = redirect.host();
    this.port = redirect.port() == null ? 0 : redirect.port();
    this.path = redirect.path();
    this.answer =
        LocalAnswer.ofRoute(
            HttpResponseStatus.valueOf(redirect.status()), "this is to be asked for elsewhere");
  }

  static Redirection of(RuleAction.Redirect redirect) {
    return new Redirection(redirect);
  }

  /**
   * The answer.
   *
   * @param secure whether the client spoke TLS
   * @param asked the host that it asked, without port
   * @param askedPort the port, in the client's own terms
   * @param key of the rule that {@code target} matched
   */
  public LocalAnswer answer(
      boolean secure, String asked, int askedPort, Accepted target, RuleKey key) {
    String location = location(secure, asked, askedPort, target, key);
    return answer.with(HttpHeaderNames.LOCATION, location);
  }

  private String location(
      boolean secure, String asked, int askedPort, Accepted target, RuleKey key) {
    boolean toTls = scheme == null ? secure : scheme.equals("https");
    int wellKnown = toTls ? HTTPS : HTTP;
    int toPort = port > 0 ? port : scheme == null ? askedPort : wellKnown;
    StringBuilder to = new StringBuilder(toTls ? "https://" : "http://");
    to.append(host == null ? asked : host);
    if (toPort != wellKnown) {
      to.append(':').append(toPort);
    }
    String rest =
        path == null
            ? target.query() == null ? target.path() : target.path() + "?" + target.query()
            : PathRewriter.rewrite(path, target, key);
    encode(rest, to);
    return to.toString();
  }

  /** Escapes stay as they are: what they stand for is decided already. */
  private static void encode(String text, StringBuilder out) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (isOfUri(c)) {
        out.append(c);
      } else {
        out.append('%').append(DIGITS.charAt(c >> 4 & 0xf)).append(DIGITS.charAt(c & 0xf));
      }
    }
  }

  private static boolean isOfUri(char c) {
    return c > ' ' && c < 0x7f && "\"<>\\^`{|}".indexOf(c) < 0;
  }
}
