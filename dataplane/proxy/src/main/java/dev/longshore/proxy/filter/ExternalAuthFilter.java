package dev.longshore.proxy.filter;

import dev.longshore.contract.policy.ExternalAuth;
import dev.longshore.contract.policy.HeaderEdits;
import dev.longshore.contract.policy.Policy;
import dev.longshore.proxy.answer.HandshakeOutcome;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.answer.LocalAnswer.AfterAnswer;
import dev.longshore.proxy.answer.Reason;
import dev.longshore.proxy.proof.Proof;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * {@code auth.external}: asks a service, and tells the client what that says. What the service adds
 * for the upstream a client can't send itself, whatever the answer.
 */
final class ExternalAuthFilter implements TunnelFilter {
  /** So that the call's own time is over first, and says why. */
  private static final Duration SPARE = Duration.ofSeconds(2);

  private static final LocalAnswer UNKNOWN =
      LocalAnswer.unavailable("it can't be told now whether you may pass");
  private static final Verdict TOO_LARGE =
      new Verdict.Answer(
          new LocalAnswer(
              HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
              "the fields that authorization asks for are larger than allowed",
              HandshakeOutcome.MALFORMED,
              AfterAnswer.KEEP,
              Reason.TOO_LARGE));

  private final ExternalAuth auth;
  private final @Nullable SignInLocation signIn;
  private final Proof.Service said;
  private final Proof.Service unsaid;

  private ExternalAuthFilter(ExternalAuth auth, @Nullable SignInLocation signIn) {
    this.auth = auth;
    this.signIn = signIn;
    this.said = new Proof.Service(auth.service(), auth.path(), true);
    this.unsaid = new Proof.Service(auth.service(), auth.path(), false);
  }

  static @Nullable RequestFilter of(Policy policy) {
    return policy.has(ExternalAuth.class)
        ? new ExternalAuthFilter(policy.get(ExternalAuth.class), SignInLocation.of(policy))
        : null;
  }

  @Override
  public Verdict test(FilterRequest request) {
    AuthQuestion question = AuthQuestionWriter.write(auth, request);
    if (question == null) {
      return TOO_LARGE;
    }
    ExternalAuthorizer authorizer = request.authorizer();
    if (request.websocket() && auth.recheck().isPositive()) {
      request.guard(authorizer.guard(question));
    }
    AuthOutcome known = authorizer.known(question);
    if (known != null) {
      return verdict(known, null);
    }
    // Made now: the request may be gone when the answer comes.
    String location = signIn == null ? null : signIn.of(request);
    CompletableFuture<AuthOutcome> asked = authorizer.ask(question);
    CompletableFuture<Verdict> later = asked.thenApply(outcome -> verdict(outcome, location));
    if (later.isDone()) {
      return later.join();
    }
    var _ =
        later.whenComplete(
            (verdict, failure) -> {
              if (later.isCancelled()) {
                asked.cancel(false);
              }
            });
    return new Verdict.Later(later, auth.timeout().plus(SPARE));
  }

  private Verdict verdict(AuthOutcome outcome, @Nullable String location) {
    return switch (outcome) {
      case AuthOutcome.Allowed allowed -> passes(allowed, said);
      case AuthOutcome.Denied denied ->
          new Verdict.Answer(
              location == null || !denied.answer().status().equals(HttpResponseStatus.UNAUTHORIZED)
                  ? denied.answer()
                  : SignInLocation.instead(denied.answer(), location));
      case AuthOutcome.Unknown unknown ->
          auth.failOpen()
              ? passes(new AuthOutcome.Allowed(List.of()), unsaid)
              : new Verdict.Answer(UNKNOWN.because(Reason.EXTERNAL_AUTH, unknown.why()));
    };
  }

  private Verdict passes(AuthOutcome.Allowed allowed, Proof proof) {
    return new Verdict.Proven(proof, new HeaderEdits(allowed.copied(), auth.copyHeaders()));
  }

  /** It can't be asked of all tunnels at once what it would say; that it was asked counts. */
  @Override
  public boolean admitsStill(TunnelSubject opener) {
    return opener.proofs().contains(said) || auth.failOpen() && opener.proofs().contains(unsaid);
  }
}
