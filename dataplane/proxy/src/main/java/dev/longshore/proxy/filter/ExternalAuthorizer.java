package dev.longshore.proxy.filter;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Asks services whether requests may pass. One of an event loop, on that loop. */
public interface ExternalAuthorizer {
  /** What was said of the like not long ago; null: nothing that still holds. */
  AuthOutcome.@Nullable Allowed known(AuthQuestion question);

  /**
   * Asks. Within the time of the question, and never exceptionally; whoever cancels it wants no
   * answer any more.
   */
  CompletableFuture<AuthOutcome> ask(AuthQuestion question);

  /** Asks again, as often as the question has it, about a tunnel that it has let in. */
  TunnelGuard guard(AuthQuestion question);
}
