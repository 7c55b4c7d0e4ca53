package dev.longshore.proxy.jwt;

import dev.longshore.proxy.proof.TokenFacts;
import java.util.List;

/** What is found of a token. */
public sealed interface TokenVerdict {
  /**
   * It holds.
   *
   * @param expiry when it ends, in seconds of the epoch; {@link Long#MAX_VALUE}: never
   * @param begin from when it holds, likewise; {@link Long#MIN_VALUE}: it always has
   * @param forwarded what the upstream is told of it, in the order of the policy; empty texts are
   *     nothing
   * @param facts what is kept of the tunnel that it lets in
   */
  record Good(long expiry, long begin, List<String> forwarded, TokenFacts facts)
      implements TokenVerdict {
    public Good {
      forwarded = List.copyOf(forwarded);
    }
  }

  /**
   * It doesn't hold.
   *
   * @param why which check failed, without anything that it holds; for operators
   */
  record Bad(String why) implements TokenVerdict {}

  /**
   * It holds, and doesn't say what is required.
   *
   * @param claim that is missing, or says something else
   */
  record Insufficient(String claim) implements TokenVerdict {}
}
