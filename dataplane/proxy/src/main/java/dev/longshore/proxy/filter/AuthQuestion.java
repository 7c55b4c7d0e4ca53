package dev.longshore.proxy.filter;

import dev.longshore.contract.policy.ExternalAuth;
import org.jspecify.annotations.Nullable;

/**
 * What a service is asked about a request. It may hold credentials, so it shows nothing of itself.
 */
public final class AuthQuestion {
  private final ExternalAuth auth;
  private final String head;
  private final @Nullable String cacheKey;

  /**
   * A question.
   *
   * @param head complete, as it is sent
   * @param cacheKey what the answer depends on; null: on more than is told
   */
  AuthQuestion(ExternalAuth auth, String head, @Nullable String cacheKey) {
    this.auth = auth;
    this.head = head;
    this.cacheKey = cacheKey;
  }

  /** Who is asked, and what becomes of the answer. */
  public ExternalAuth auth() {
    return auth;
  }

  /** The head as it is sent, in Latin-1; never to be shown. */
  public String head() {
    return head;
  }

  /** What a good answer holds for too; null: for nothing. Never to be shown. */
  public @Nullable String cacheKey() {
    return cacheKey;
  }

  /** Without what it holds. */
  @Override
  public String toString() {
    return "AuthQuestion[" + auth.host() + auth.path() + "]";
  }
}
