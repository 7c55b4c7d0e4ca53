package dev.longshore.proxy.proof;

import dev.longshore.contract.PoolKey;
import dev.longshore.contract.policy.JwtAuth.TokenSource;

/** By what somebody was let in. Shows nothing of itself that is not the policy's. */
public sealed interface Proof {
  /** About what it takes of the heap, beside what it shares with a policy. */
  default long bytesOfHeap() {
    return 0;
  }

  /**
   * By a token.
   *
   * @param facts what it says
   * @param place where it stood
   */
  record Token(TokenFacts facts, TokenSource place) implements Proof {
    @Override
    public long bytesOfHeap() {
      return facts.bytesOfHeap();
    }
  }

  /**
   * By name and password.
   *
   * @param line fingerprint of the line of the users that they were checked with
   */
  record Password(long line) implements Proof {
    @Override
    public String toString() {
      return "Password";
    }
  }

  /**
   * By a service.
   *
   * @param service who was asked
   * @param path for what
   * @param said whether it said so; false: it could not be asked, and the policy let pass
   */
  record Service(PoolKey service, String path, boolean said) implements Proof {}
}
