package dev.longshore.operator.push;

import java.util.concurrent.CompletionStage;

/** Says whose a bearer token is, and whether that is a data plane. */
public interface TokenReviewer {

  /**
   * Reviews a token. Returns at once; the verdict may come on any thread, and a failure counts as
   * {@link TokenVerdict.Unavailable}.
   *
   * @param token not empty; never to be logged or kept
   */
  CompletionStage<TokenVerdict> review(String token);
}
