package dev.longshore.proxy.filter;

import dev.longshore.contract.policy.BasicAuth;
import dev.longshore.contract.policy.Policy;
import dev.longshore.proxy.answer.HandshakeOutcome;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.answer.LocalAnswer.AfterAnswer;
import dev.longshore.proxy.answer.Reason;
import dev.longshore.proxy.basic.Passwords;
import dev.longshore.proxy.proof.Proof;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * {@code auth.basic}: a request has to carry name and password of a user (RFC 7617); 401 without.
 * Right ones are remembered; others are checked apart from the event loop, if that takes long.
 */
final class BasicAuthFilter implements TunnelFilter {
  private static final String SCHEME = "basic ";
  private static final int MOST_CHARS = 1024;
  private static final Duration WITHIN = Duration.ofSeconds(10);

  private static final Verdict BUSY =
      new Verdict.Answer(
          LocalAnswer.limited("too many passwords wait for being checked", 1)
              .because(Reason.PASSWORD));

  private final Passwords passwords;
  private final Verdict missing;
  private final Verdict wrong;

  private BasicAuthFilter(BasicAuth auth) {
    passwords = new Passwords(auth);
    LocalAnswer wanted =
        new LocalAnswer(
                HttpResponseStatus.UNAUTHORIZED,
                "this route wants a name and a password",
                HandshakeOutcome.FORBIDDEN,
                AfterAnswer.KEEP,
                Reason.PASSWORD)
            .with(
                HttpHeaderNames.WWW_AUTHENTICATE,
                "Basic realm=\"" + auth.realm() + "\", charset=\"UTF-8\"");
    missing = new Verdict.Answer(wanted);
    wrong =
        new Verdict.Answer(wanted.because(Reason.PASSWORD, "the name or the password is wrong"));
  }

  static @Nullable RequestFilter of(Policy policy) {
    return policy.has(BasicAuth.class) ? new BasicAuthFilter(policy.get(BasicAuth.class)) : null;
  }

  @Override
  public Verdict test(FilterRequest request) {
    String credentials = credentials(request.headers().getAll(HttpHeaderNames.AUTHORIZATION));
    if (credentials == null) {
      return missing;
    }
    if (passwords.isKnown(credentials)) {
      return verdict(credentials, true);
    }
    if (!passwords.takesLong()) {
      return verdict(credentials, passwords.check(credentials));
    }
    CompletableFuture<Boolean> checked =
        request.passwords().check(request.address(), () -> passwords.check(credentials));
    if (checked == null) {
      return BUSY;
    }
    CompletableFuture<Verdict> later = checked.thenApply(right -> verdict(credentials, right));
    var _ =
        later.whenComplete(
            (verdict, failure) -> {
              if (later.isCancelled()) {
                checked.cancel(false);
              }
            });
    return new Verdict.Later(later, WITHIN);
  }

  private Verdict verdict(String credentials, boolean right) {
    Proof.Password proof = right ? passwords.proofOf(credentials) : null;
    return proof == null ? wrong : Verdict.Proven.by(proof);
  }

  @Override
  public boolean admitsStill(TunnelSubject opener) {
    return opener.proofs().stream()
        .anyMatch(proof -> proof instanceof Proof.Password password && passwords.has(password));
  }

  /** Name, colon, password, each byte a character; two fields are none. */
  private static @Nullable String credentials(List<String> fields) {
    if (fields.size() != 1) {
      return null;
    }
    String field = fields.getFirst().strip();
    if (field.length() > MOST_CHARS || !field.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return null;
    }
    try {
      byte[] bytes = Base64.getDecoder().decode(field.substring(SCHEME.length()).strip());
      String text = new String(bytes, StandardCharsets.ISO_8859_1);
      return text.indexOf(':') < 0 ? null : text;
    } catch (IllegalArgumentException _) {
      return null;
    }
  }
}
