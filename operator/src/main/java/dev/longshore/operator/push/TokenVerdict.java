package dev.longshore.operator.push;

/** What a token is good for. */
public sealed interface TokenVerdict {

  /**
   * It is a data plane's.
   *
   * @param user the service account's user name
   * @param pod the pod that the token is bound to, whose name is the data plane's
   */
  record Accepted(String user, String pod) implements TokenVerdict {}

  /**
   * It is no valid token, or for another audience: 401.
   *
   * @param why for logs; without the token
   */
  record Unauthenticated(String why) implements TokenVerdict {}

  /**
   * It is a valid token of somebody else: 403.
   *
   * @param why for logs; without the token
   */
  record Forbidden(String why) implements TokenVerdict {}

  /**
   * It can't be told now: 503.
   *
   * @param why for logs; without the token
   */
  record Unavailable(String why) implements TokenVerdict {}
}
