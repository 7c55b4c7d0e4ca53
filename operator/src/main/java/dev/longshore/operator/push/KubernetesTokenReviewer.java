package dev.longshore.operator.push;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longshore.contract.push.PushProtocol;
import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Asks the API server whose a token is (TokenReview), on a few threads of its own.
 *
 * <p>The audience is not only asked for but looked for in the answer: an authenticator that does
 * not know of audiences answers without one. Verdicts are kept for a minute at most, never beyond
 * the token's expiry, and by a hash of the token; that a question failed is not kept at all.
 */
public final class KubernetesTokenReviewer implements TokenReviewer, AutoCloseable {
  /** How long a token is not asked about again. */
  static final Duration KEEP_ACCEPTED = Duration.ofSeconds(60);

  /** Likewise, when it was refused. */
  static final Duration KEEP_REFUSED = Duration.ofSeconds(10);

  private static final String POD_NAME = "authentication.kubernetes.io/pod-name";
  private static final String POD_UID = "authentication.kubernetes.io/pod-uid";
  private static final int THREADS = 4;

  /** As many as may wait to be let in at all: {@link PushServerOptions#maxPending}. */
  private static final int QUEUE = 256;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final UnaryOperator<TokenReview> review;
  private final String user;
  private final Clock clock;
  private final VerdictCache cache;
  private final ThreadPoolExecutor threads;

  /**
   * Uses the client, which stays the caller's to close.
   *
   * @param namespace of the data planes' service account
   * @param serviceAccount its name
   */
  public KubernetesTokenReviewer(KubernetesClient client, String namespace, String serviceAccount) {
    this(
        asked -> client.tokenReviews().create(asked),
        "system:serviceaccount:" + namespace + ":" + serviceAccount,
        Clock.systemUTC());
  }

  KubernetesTokenReviewer(UnaryOperator<TokenReview> review, String user, Clock clock) {
    this.review = review;
    this.user = user;
    this.clock = clock;
    cache = new VerdictCache(clock);
    threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(QUEUE),
            Thread.ofPlatform().name("token-review-", 0).daemon().factory());
    threads.allowCoreThreadTimeOut(true);
  }

  @Override
  public CompletionStage<TokenVerdict> review(String token) {
    String hash = hash(token);
    TokenVerdict known = cache.get(hash);
    if (known != null) {
      return CompletableFuture.completedFuture(known);
    }
    try {
      return CompletableFuture.supplyAsync(() -> ask(token, hash), threads);
    } catch (RejectedExecutionException e) {
      return CompletableFuture.completedFuture(
          new TokenVerdict.Unavailable("too many tokens wait for their review"));
    }
  }

  /** Ends the threads; what is still asked fails. */
  @Override
  public void close() {
    threads.shutdownNow();
  }

  private TokenVerdict ask(String token, String hash) {
    TokenVerdict verdict;
    try {
      TokenReview answer =
          review.apply(
              new TokenReviewBuilder()
                  .withNewSpec()
                  .withToken(token)
                  .withAudiences(PushProtocol.AUDIENCE)
                  .endSpec()
                  .build());
      verdict = judge(answer.getStatus());
    } catch (KubernetesClientException e) {
      // Its message may repeat the request.
      return new TokenVerdict.Unavailable(
          "the API server did not answer a TokenReview"
              + (e.getCode() > 0 ? ": status " + e.getCode() : ""));
    } catch (RuntimeException e) {
      return new TokenVerdict.Unavailable("a TokenReview failed: " + e.getClass().getSimpleName());
    }
    keep(hash, token, verdict);
    return verdict;
  }

  private TokenVerdict judge(@Nullable TokenReviewStatus status) {
    if (status == null || !Boolean.TRUE.equals(status.getAuthenticated())) {
      return new TokenVerdict.Unauthenticated("it is not valid for " + PushProtocol.AUDIENCE);
    }
    List<String> audiences = status.getAudiences();
    if (audiences == null || !audiences.contains(PushProtocol.AUDIENCE)) {
      return new TokenVerdict.Unauthenticated(
          "the authenticator does not say that it is for " + PushProtocol.AUDIENCE);
    }
    UserInfo info = status.getUser();
    if (info == null || !user.equals(info.getUsername())) {
      return new TokenVerdict.Forbidden(
          "it is of "
              + (info == null ? "nobody" : Printable.of(String.valueOf(info.getUsername())))
              + "; data planes are "
              + user);
    }
    String pod = claim(info, POD_NAME);
    if (pod == null || claim(info, POD_UID) == null) {
      // Whoever may make tokens of the service account could be any data plane with it.
      return new TokenVerdict.Forbidden(
          "it is bound to no pod; a data plane has the token of its own pod, from a projected"
              + " serviceAccountToken volume");
    }
    return new TokenVerdict.Accepted(user, pod);
  }

  /** The one value of a claim of the API server; null: there is none, or more. */
  private static @Nullable String claim(UserInfo info, String name) {
    List<String> values = info.getExtra() == null ? null : info.getExtra().get(name);
    return values == null || values.size() != 1 ? null : values.getFirst();
  }

  private void keep(String hash, String token, TokenVerdict verdict) {
    Instant now = clock.instant();
    switch (verdict) {
      case TokenVerdict.Accepted accepted -> {
        Instant expiry = expiry(token);
        if (expiry != null) {
          Instant end = now.plus(KEEP_ACCEPTED);
          cache.put(hash, verdict, expiry.isBefore(end) ? expiry : end);
        }
      }
      case TokenVerdict.Unauthenticated refused -> cache.put(hash, verdict, now.plus(KEEP_REFUSED));
      case TokenVerdict.Forbidden refused -> cache.put(hash, verdict, now.plus(KEEP_REFUSED));
      case TokenVerdict.Unavailable unavailable -> {}
    }
  }

  /** The {@code exp} of a JWT that was found authentic (RFC 7519 §4.1.4); null: it has none. */
  private static @Nullable Instant expiry(String token) {
    String[] parts = token.split("\\.", -1);
    if (parts.length != 3) {
      return null;
    }
    try {
      JsonNode exp = JSON.readTree(Base64.getUrlDecoder().decode(parts[1])).path("exp");
      return exp.isNumber() ? Instant.ofEpochSecond(exp.longValue()) : null;
    } catch (JacksonException | IllegalArgumentException | DateTimeException e) {
      return null;
    } catch (IOException e) {
      throw new IllegalStateException("nothing but memory is read", e);
    }
  }

  private static String hash(String token) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
