package dev.longshore.proxy.filter;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.HardLimits;
import dev.longshore.contract.PoolKey;
import dev.longshore.contract.policy.ExternalAuth;
import dev.longshore.contract.policy.ExternalAuth.Source;
import dev.longshore.contract.policy.Header;
import dev.longshore.contract.policy.HeaderEdits;
import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.policy.SignIn;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.answer.HandshakeOutcome;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.answer.LocalAnswer.AfterAnswer;
import dev.longshore.proxy.answer.Reason;
import dev.longshore.proxy.proof.Proof;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is made of a service's word, and what it is asked. */
class ExternalAuthFilterTest {
  private final FakeAuthorizer authorizer = new FakeAuthorizer();
  private final TestRequest request = TestRequest.plain();

  private static ExternalAuth auth(boolean failOpen, Duration recheck) {
    return new ExternalAuth(
        new PoolKey("WebSocketRoute", "demo", "chat", "auth"),
        "auth.demo.svc",
        "/check",
        Duration.ofSeconds(2),
        List.of("cookie", "content-length", "host", "x-forwarded-for"),
        List.of("x-user"),
        failOpen,
        List.of(new Source(Source.Type.COOKIE, "sid"), new Source(Source.Type.QUERY, "t")),
        Duration.ofSeconds(30),
        recheck,
        recheck);
  }

  private static Proof proof(boolean said) {
    ExternalAuth auth = auth(false, Duration.ZERO);
    return new Proof.Service(auth.service(), auth.path(), said);
  }

  private Verdict ask(ExternalAuth auth) {
    request.authorizer = authorizer;
    return requireNonNull(ExternalAuthFilter.of(new TestPolicy().with(auth).build())).test(request);
  }

  private AuthQuestion question() {
    ask(auth(false, Duration.ZERO));
    return authorizer.questions.getLast();
  }

  @Test
  void theVerdictComesLater() {
    Verdict verdict = ask(auth(false, Duration.ZERO));
    Verdict.Later later = (Verdict.Later) verdict;
    assertThat(later.within()).isGreaterThan(Duration.ofSeconds(2));
    Header user = new Header("x-user", "jane");
    authorizer.answer.complete(new AuthOutcome.Allowed(List.of(user)));
    assertThat(later.verdict().join())
        .isEqualTo(
            new Verdict.Proven(proof(true), new HeaderEdits(List.of(user), List.of("x-user"))));
  }

  /** What was asked for comes percent-encoded, so it is one value, and can lead nowhere else. */
  @ParameterizedTest
  @CsvSource({
    "https://in.example.com/start?rd={scheme}://{host}{uri},"
        + "https://in.example.com/start?rd=http://chat.example.com%2Froom%3Fa%3Db%26rd%3Dc%23%25",
    "{scheme}://{host}/start, http://chat.example.com/start",
  })
  void whoHasToSignInIsSentThere(String location, String to) {
    request.authorizer = authorizer;
    request.forwardTarget = "/room?a=b&rd=c#%";
    LocalAnswer refused =
        new LocalAnswer(
                HttpResponseStatus.UNAUTHORIZED,
                "who are you?",
                HandshakeOutcome.FORBIDDEN,
                AfterAnswer.KEEP,
                Reason.EXTERNAL_AUTH)
            .with(HttpHeaderNames.SET_COOKIE, "state=1")
            .with(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
    authorizer.answer = CompletableFuture.completedFuture(new AuthOutcome.Denied(refused));
    Policy policy =
        new TestPolicy().with(auth(false, Duration.ZERO)).with(new SignIn(location)).build();
    LocalAnswer answer =
        requireNonNull(
            TestRequest.answer(requireNonNull(ExternalAuthFilter.of(policy)).test(request)));
    assertThat(answer.status().code()).isEqualTo(302);
    assertThat(answer.fields())
        .containsExactly(
            new LocalAnswer.Field(HttpHeaderNames.SET_COOKIE, "state=1"),
            new LocalAnswer.Field(HttpHeaderNames.LOCATION, to));
    // Who may not pass though it is known has nothing of signing in again.
    LocalAnswer forbidden = LocalAnswer.forbidden("not you");
    authorizer.answer = CompletableFuture.completedFuture(new AuthOutcome.Denied(forbidden));
    assertThat(TestRequest.answer(requireNonNull(ExternalAuthFilter.of(policy)).test(request)))
        .isEqualTo(forbidden);
  }

  @Test
  void whoIsGoneWantsNoAnswer() {
    Verdict.Later later = (Verdict.Later) ask(auth(false, Duration.ZERO));
    later.verdict().cancel(false);
    assertThat(authorizer.answer).isCancelled();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void withoutAnAnswerNobodyPassesUnlessItIsSaid(boolean failOpen) {
    authorizer.answer = CompletableFuture.completedFuture(new AuthOutcome.Unknown("it hangs"));
    Verdict verdict = ask(auth(failOpen, Duration.ZERO));
    if (failOpen) {
      assertThat(verdict)
          .isEqualTo(
              new Verdict.Proven(proof(false), new HeaderEdits(List.of(), List.of("x-user"))));
    } else {
      LocalAnswer answer = requireNonNull(TestRequest.answer(verdict));
      assertThat(answer.status().code()).isEqualTo(503);
      assertThat(answer.detail()).doesNotContain("hangs");
      assertThat(answer.failure().detail()).isEqualTo("it hangs");
    }
  }

  @Test
  void whatIsKnownIsNotAsked() {
    authorizer.known = new AuthOutcome.Allowed(List.of());
    assertThat(ask(auth(false, Duration.ZERO))).isInstanceOf(Verdict.Proven.class);
    assertThat(authorizer.questions).isEmpty();
  }

  @Test
  void onlyTunnelsAreGuarded() {
    ask(auth(false, Duration.ofMinutes(1)));
    assertThat(request.guard).isNull();
    request.websocket = true;
    ask(auth(false, Duration.ZERO));
    assertThat(request.guard).isNull();
    ask(auth(false, Duration.ofMinutes(1)));
    assertThat(request.guard).isNotNull();
  }

  @Test
  void aQuestionShowsNothingAndHoldsLittle() {
    request.with("cookie", "sid=s3cret");
    assertThat(question().toString()).doesNotContain("s3cret").contains("auth.demo.svc/check");
    request.with("cookie", "x".repeat(HardLimits.EXTERNAL_AUTH_HEAD_BYTES));
    LocalAnswer answer = requireNonNull(TestRequest.answer(ask(auth(false, Duration.ZERO))));
    assertThat(answer.status().code()).isEqualTo(431);
  }

  /** Whatever a policy chooses: these are the data plane's own. */
  @Test
  void fieldsOfTheHopAndOfForwardingAreOurs() {
    request
        .with("content-length", "9")
        .with("host", "evil.example")
        .with("x-forwarded-for", "203.0.113.9");
    String head = question().head();
    assertThat(head)
        .doesNotContain("content-length")
        .doesNotContain("evil.example")
        .doesNotContain("203.0.113.9")
        .contains("X-Forwarded-For: 192.0.2.1\r\n")
        .endsWith("\r\n\r\n");
    assertThat(head.lines().filter(String::isEmpty)).hasSize(1);
  }

  @Test
  void keysOfDifferentRequestsDiffer() {
    assertThat(question().cacheKey()).as("strangers share nothing").isNull();
    request.with("test-cookie-sid", "1");
    String one = requireNonNull(question().cacheKey());
    request.with("test-cookie-sid", "2");
    String two = requireNonNull(question().cacheKey());
    request.headers.set("test-cookie-sid", "1");
    request.with("test-parameter-t", "2");
    String three = requireNonNull(question().cacheKey());
    request.secure = true;
    String four = requireNonNull(question().cacheKey());
    assertThat(List.of(one, two, three, four)).doesNotHaveDuplicates();
  }

  @Test
  void nobodyIsAskedByDefault() {
    assertThat(ExternalAuthFilter.of(Policy.DEFAULT)).isNull();
  }
}
