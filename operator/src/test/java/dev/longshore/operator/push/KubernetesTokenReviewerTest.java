package dev.longshore.operator.push;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.push.PushProtocol;
import dev.longshore.operator.push.TokenVerdict.Accepted;
import dev.longshore.operator.push.TokenVerdict.Forbidden;
import dev.longshore.operator.push.TokenVerdict.Unauthenticated;
import dev.longshore.operator.push.TokenVerdict.Unavailable;
import dev.longshore.testkube.KubeApiServer;
import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class KubernetesTokenReviewerTest {
  private static final String USER = "system:serviceaccount:longshore-system:longshore-dataplane";
  private static final Instant START = Instant.parse("2026-11-22T00:00:00Z");

  private final AtomicInteger asked = new AtomicInteger();
  private Instant now = START;

  @Test
  void onARealApiServer() throws Exception {
    KubeApiServer server = KubeApiServer.shared();
    String namespace = server.createNamespace("tokens", "longshore-dataplane", "somebody");
    String right =
        server.podToken(namespace, "longshore-dataplane", "dataplane-1", PushProtocol.AUDIENCE);
    try (var reviewer =
        new KubernetesTokenReviewer(server.admin(), namespace, "longshore-dataplane")) {
      assertThat(verdict(reviewer, right))
          .isEqualTo(
              new Accepted(
                  "system:serviceaccount:" + namespace + ":longshore-dataplane", "dataplane-1"));
      assertThat(
              verdict(
                  reviewer, server.token(namespace, "longshore-dataplane", PushProtocol.AUDIENCE)))
          .as("it could be any data plane's")
          .isInstanceOfSatisfying(
              Forbidden.class, one -> assertThat(one.why()).contains("bound to no pod"));
      assertThat(verdict(reviewer, server.token(namespace, "longshore-dataplane", "another")))
          .isInstanceOf(Unauthenticated.class);
      assertThat(verdict(reviewer, server.token(namespace, "longshore-dataplane")))
          .as("for the API server")
          .isInstanceOf(Unauthenticated.class);
      assertThat(verdict(reviewer, server.token(namespace, "somebody", PushProtocol.AUDIENCE)))
          .isInstanceOf(Forbidden.class);
      assertThat(verdict(reviewer, right.substring(0, right.length() - 8) + "AAAAAAAA"))
          .isInstanceOf(Unauthenticated.class);
      assertThat(verdict(reviewer, "nonsense")).isInstanceOf(Unauthenticated.class);
    }
    // Who may not ask can't tell.
    try (KubernetesClient nobody = server.client(namespace, "somebody");
        var reviewer = new KubernetesTokenReviewer(nobody, namespace, "longshore-dataplane")) {
      assertThat(verdict(reviewer, right))
          .isInstanceOfSatisfying(Unavailable.class, one -> assertThat(one.why()).contains("403"));
    }
  }

  @Test
  void theAudienceIsLookedForInTheAnswer() throws Exception {
    try (var reviewer = reviewer(answer(USER, List.of()))) {
      assertThat(verdict(reviewer, token(600))).isInstanceOf(Unauthenticated.class);
    }
    try (var reviewer = reviewer(answer(USER + "x", List.of(PushProtocol.AUDIENCE)))) {
      assertThat(verdict(reviewer, token(600))).isInstanceOf(Forbidden.class);
    }
  }

  /** With a token of the service account alone one could say to be any data plane. */
  @Test
  void aTokenWithoutItsPodIsRefused() throws Exception {
    TokenReview right = answer(USER, List.of(PushProtocol.AUDIENCE));
    try (var reviewer = reviewer(right)) {
      assertThat(verdict(reviewer, token(600))).isEqualTo(new Accepted(USER, "dataplane-1"));
    }
    for (String claim : List.of("pod-name", "pod-uid")) {
      for (List<String> values : List.of(List.<String>of(), List.of("one", "two"))) {
        TokenReview wrong = answer(USER, List.of(PushProtocol.AUDIENCE));
        wrong.getStatus().getUser().getExtra().put("authentication.kubernetes.io/" + claim, values);
        try (var reviewer = reviewer(wrong)) {
          assertThat(verdict(reviewer, token(600)))
              .isInstanceOfSatisfying(
                  Forbidden.class, one -> assertThat(one.why()).contains("bound to no pod"));
        }
      }
    }
  }

  @Test
  void aVerdictIsKeptForAWhileAndNeverBeyondTheExpiry() throws Exception {
    try (var reviewer = reviewer(answer(USER, List.of(PushProtocol.AUDIENCE)))) {
      verdict(reviewer, token(600));
      verdict(reviewer, token(600));
      assertThat(asked).hasValue(1);
      now = START.plus(KubernetesTokenReviewer.KEEP_ACCEPTED);
      verdict(reviewer, token(600));
      assertThat(asked).hasValue(2);
      verdict(reviewer, token(65));
      assertThat(asked).hasValue(3);
      now = START.plusSeconds(64);
      verdict(reviewer, token(65));
      assertThat(asked).hasValue(3);
      now = START.plusSeconds(65);
      verdict(reviewer, token(65));
      assertThat(asked).hasValue(4);
      // Without an expiry nothing is kept.
      verdict(reviewer, "opaque");
      verdict(reviewer, "opaque");
      assertThat(asked).hasValue(6);
    }
  }

  @Test
  void aRefusalIsKeptShortlyAndAFailureNotAtAll() throws Exception {
    try (var reviewer = reviewer(answer(USER, List.of()))) {
      verdict(reviewer, token(600));
      verdict(reviewer, token(600));
      assertThat(asked).hasValue(1);
      now = START.plus(KubernetesTokenReviewer.KEEP_REFUSED);
      verdict(reviewer, token(600));
      assertThat(asked).hasValue(2);
    }
    UnaryOperator<TokenReview> down =
        review -> {
          asked.incrementAndGet();
          throw new KubernetesClientException("no route to " + review.getSpec().getToken());
        };
    try (var reviewer = new KubernetesTokenReviewer(down, USER, clock())) {
      asked.set(0);
      for (int i = 0; i < 2; i++) {
        assertThat(verdict(reviewer, token(600)))
            .isInstanceOfSatisfying(
                Unavailable.class, one -> assertThat(one.why()).doesNotContain(token(600)));
      }
      assertThat(asked).hasValue(2);
    }
  }

  @Test
  void tooManyAtOnceAreToldToComeBack() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    UnaryOperator<TokenReview> slow =
        review -> {
          try {
            go.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return review;
        };
    try (var reviewer = new KubernetesTokenReviewer(slow, USER, clock())) {
      for (int i = 0; i < 4 + 256; i++) {
        assertThat(reviewer.review("token-" + i).toCompletableFuture()).isNotDone();
      }
      assertThat(verdict(reviewer, "one-more")).isInstanceOf(Unavailable.class);
      go.countDown();
    }
  }

  @Test
  void theCacheIsBounded() {
    VerdictCache cache = new VerdictCache(clock());
    for (int i = 0; i < VerdictCache.MAX + 10; i++) {
      cache.put("hash-" + i, new Unauthenticated("no"), START.plusSeconds(10));
    }
    assertThat(cache.size()).isEqualTo(VerdictCache.MAX);
    assertThat(cache.get("hash-0")).isNull();
  }

  private KubernetesTokenReviewer reviewer(TokenReview answer) {
    return new KubernetesTokenReviewer(
        review -> {
          asked.incrementAndGet();
          return answer;
        },
        USER,
        clock());
  }

  private static TokenReview answer(String user, List<String> audiences) {
    return new TokenReviewBuilder()
        .withNewStatus()
        .withAuthenticated(true)
        .withAudiences(audiences)
        .withNewUser()
        .withUsername(user)
        .addToExtra("authentication.kubernetes.io/pod-name", List.of("dataplane-1"))
        .addToExtra("authentication.kubernetes.io/pod-uid", List.of("0c4a"))
        .endUser()
        .endStatus()
        .build();
  }

  /** With this many seconds to live from the start. */
  private static String token(int seconds) {
    String claims = "{\"exp\":" + START.plusSeconds(seconds).getEpochSecond() + "}";
    return "e30."
        + Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(claims.getBytes(StandardCharsets.US_ASCII))
        + ".c2ln";
  }

  private static TokenVerdict verdict(TokenReviewer reviewer, String token) throws Exception {
    return reviewer.review(token).toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private Clock clock() {
    return ((InstantSource) () -> now).withZone(ZoneOffset.UTC);
  }
}
