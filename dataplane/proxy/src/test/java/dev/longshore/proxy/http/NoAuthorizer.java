package dev.longshore.proxy.http;

import dev.longshore.proxy.filter.AuthOutcome;
import dev.longshore.proxy.filter.AuthQuestion;
import dev.longshore.proxy.filter.ExternalAuthorizer;
import dev.longshore.proxy.filter.TunnelGuard;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Where no policy asks anybody. */
final class NoAuthorizer implements ExternalAuthorizer {
  static final ExternalAuthorizer INSTANCE = new NoAuthorizer();

  @Override
  public AuthOutcome.@Nullable Allowed known(AuthQuestion question) {
    throw new AssertionError("nobody is asked here");
  }

  @Override
  public CompletableFuture<AuthOutcome> ask(AuthQuestion question) {
    throw new AssertionError("nobody is asked here");
  }

  @Override
  public TunnelGuard guard(AuthQuestion question) {
    throw new AssertionError("nobody is asked here");
  }
}
