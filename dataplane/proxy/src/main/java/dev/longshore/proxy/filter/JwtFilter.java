package dev.longshore.proxy.filter;

import dev.longshore.contract.policy.Header;
import dev.longshore.contract.policy.HeaderEdits;
import dev.longshore.contract.policy.JwtAuth;
import dev.longshore.contract.policy.JwtAuth.ForwardedClaim;
import dev.longshore.contract.policy.JwtAuth.TokenSource;
import dev.longshore.contract.policy.Policy;
import dev.longshore.proxy.answer.HandshakeOutcome;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.answer.LocalAnswer.AfterAnswer;
import dev.longshore.proxy.answer.Reason;
import dev.longshore.proxy.jwt.TokenVerdict;
import dev.longshore.proxy.jwt.TokenVerifier;
import dev.longshore.proxy.proof.Proof;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code auth.jwt}: a request has to carry a token that holds (RFC 6750, RFC 7519); 401 without,
 * 403 where it doesn't say what is required. On the event loop: one signature costs less than
 * handing it to another thread would, and most tokens were seen before.
 */
final class JwtFilter implements TunnelFilter {
  private static final String SCHEME = "bearer ";
  private static final String OFFERS = "sec-websocket-protocol";

  private static final LocalAnswer NO_TOKEN =
      refusal(HttpResponseStatus.UNAUTHORIZED, "this route wants a token")
          .with(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
  private static final LocalAnswer BAD_TOKEN =
      refusal(HttpResponseStatus.UNAUTHORIZED, "the token does not hold here")
          .with(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"");
  private static final LocalAnswer INSUFFICIENT =
      refusal(HttpResponseStatus.FORBIDDEN, "the token does not say what this route wants")
          .with(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer error=\"insufficient_scope\"");

  private final JwtAuth auth;
  private final TokenVerifier verifier;
  private final InstantSource clock;
  private final List<String> forwarded;

  JwtFilter(JwtAuth auth, InstantSource clock) {
    this.auth = auth;
    this.verifier = new TokenVerifier(auth, clock);
    this.clock = clock;
    this.forwarded = auth.forwardClaims().stream().map(ForwardedClaim::header).toList();
  }

  static @Nullable RequestFilter of(Policy policy) {
    return policy.has(JwtAuth.class)
        ? new JwtFilter(policy.get(JwtAuth.class), InstantSource.system())
        : null;
  }

  private static LocalAnswer refusal(HttpResponseStatus status, String detail) {
    return new LocalAnswer(
        status, detail, HandshakeOutcome.FORBIDDEN, AfterAnswer.KEEP, Reason.TOKEN);
  }

  /** A token, and the offers of subprotocols that are left without it; null: as they were. */
  private record Found(String token, TokenSource place, @Nullable List<String> offersLeft) {}

  @Override
  public Verdict test(FilterRequest request) {
    Found found = find(request);
    // Whatever comes of it: nowhere behind this is a place for credentials in a URL.
    takeParameters(request);
    if (found == null) {
      return new Verdict.Answer(NO_TOKEN);
    }
    return switch (verifier.verify(found.token())) {
      case TokenVerdict.Good good -> {
        if (auth.closeOnExpiry() && request.websocket() && good.expiry() != Long.MAX_VALUE) {
          request.expires(endOf(good));
        }
        yield edit(request, found, good);
      }
      case TokenVerdict.Bad bad ->
          new Verdict.Answer(BAD_TOKEN.because(Reason.TOKEN, "the token: " + bad.why()));
      case TokenVerdict.Insufficient insufficient ->
          new Verdict.Answer(
              INSUFFICIENT.because(
                  Reason.TOKEN, "the token lacks the claim " + insufficient.claim()));
    };
  }

  /** Who is let in by the skew alone has that long. */
  private Instant endOf(TokenVerdict.Good good) {
    Instant expiry = Instant.ofEpochSecond(Math.min(good.expiry(), Instant.MAX.getEpochSecond()));
    return expiry.isAfter(clock.instant()) ? expiry : expiry.plus(auth.clockSkew());
  }

  private Verdict edit(FilterRequest request, Found found, TokenVerdict.Good good) {
    List<Header> set = new ArrayList<>();
    List<String> left = found.offersLeft();
    if (left != null) {
      request.takeSubprotocols(left, left.isEmpty() ? found.place().name() : null);
      set.add(new Header(OFFERS, String.join(", ", left)));
    }
    for (int i = 0; i < forwarded.size(); i++) {
      String value = good.forwarded().get(i);
      if (!value.isEmpty()) {
        set.add(new Header(forwarded.get(i), value));
      }
    }
    return new Verdict.Proven(
        new Proof.Token(good.facts(), found.place()), new HeaderEdits(set, forwarded));
  }

  @Override
  public boolean admitsStill(TunnelSubject opener) {
    return opener.proofs().stream()
        .anyMatch(
            proof ->
                proof instanceof Proof.Token token
                    && auth.from().contains(token.place())
                    && verifier.admitsStill(token.facts()));
  }

  private void takeParameters(FilterRequest request) {
    for (TokenSource source : auth.from()) {
      if (source.type() == TokenSource.Type.QUERY) {
        request.takeParameter(source.name());
      }
    }
  }

  /** A place that holds two tokens holds none: which of them would the upstream read? */
  private @Nullable Found find(FilterRequest request) {
    for (TokenSource source : auth.from()) {
      Found found =
          switch (source.type()) {
            case HEADER -> one(header(request.headers().getAll(source.name())), source);
            case COOKIE -> one(request.cookies(source.name()), source);
            case QUERY -> one(request.parameters(source.name()), source);
            case SUBPROTOCOL -> offered(request, source);
          };
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private static @Nullable Found one(List<String> tokens, TokenSource source) {
    return tokens.size() == 1 && !tokens.getFirst().isEmpty()
        ? new Found(tokens.getFirst(), source, null)
        : null;
  }

  /** With the scheme, or as it is; another scheme, such as Basic, is no token. */
  private static List<String> header(List<String> values) {
    if (values.size() != 1) {
      return List.of();
    }
    String value = values.getFirst().strip();
    if (value.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return List.of(value.substring(SCHEME.length()).strip());
    }
    return value.indexOf(' ') < 0 ? List.of(value) : List.of();
  }

  private static @Nullable Found offered(FilterRequest request, TokenSource source) {
    String marker = source.name();
    List<String> offers = request.websocket() ? request.subprotocols() : List.of();
    int at = offers.indexOf(marker);
    if (at < 0 || at + 1 >= offers.size() || offers.lastIndexOf(marker) != at) {
      return null;
    }
    List<String> left = new ArrayList<>(offers);
    String token = left.remove(at + 1);
    left.remove(at);
    return new Found(token, source, left);
  }
}
