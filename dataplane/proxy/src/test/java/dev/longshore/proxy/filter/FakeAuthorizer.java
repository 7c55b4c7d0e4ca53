package dev.longshore.proxy.filter;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Keeps what it is asked; a test answers. */
final class FakeAuthorizer implements ExternalAuthorizer {
  final List<AuthQuestion> questions = new ArrayList<>();
  CompletableFuture<AuthOutcome> answer = new CompletableFuture<>();
  AuthOutcome.@Nullable Allowed known;

  @Override
  public AuthOutcome.@Nullable Allowed known(AuthQuestion question) {
    return known;
  }

  @Override
  public CompletableFuture<AuthOutcome> ask(AuthQuestion question) {
    questions.add(question);
    return answer;
  }

  @Override
  public TunnelGuard guard(AuthQuestion question) {
    return new TunnelGuard() {
      @Override
      public void opened(Runnable revoke) {
        throw new AssertionError("there is no tunnel here");
      }

      @Override
      public long bytesOfHeap() {
        return question.head().length();
      }

      @Override
      public void ended() {
        // There was none.
      }
    };
  }
}
