package dev.longshore.proxy.http;

import dev.longshore.proxy.answer.HandshakeOutcome;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.contract.RuleSource;
import dev.longshore.contract.Settings;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamPool.Affinity;
import dev.longshore.contract.policy.EncodedSlashes;
import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.policy.RequestHeaders;
import dev.longshore.contract.policy.ResponseHeaders;
import dev.longshore.proxy.answer.Reason;
import dev.longshore.proxy.route.Caller;
import dev.longshore.proxy.route.CompiledAction;
import dev.longshore.proxy.route.CompiledPolicy;
import dev.longshore.proxy.route.CompiledRule;
import dev.longshore.proxy.route.Denial;
import dev.longshore.proxy.route.MatchBudget;
import dev.longshore.proxy.route.RequestView;
import dev.longshore.proxy.route.Stickiness;
import dev.longshore.proxy.subscribe.RoutingState;
import dev.longshore.proxy.tls.ClientContext;
import dev.longshore.proxy.tls.TlsSession;
import dev.longshore.proxy.tls.TlsTarget;
import dev.longshore.proxy.upstream.EndpointState;
import dev.longshore.proxy.upstream.Pool;
import dev.longshore.proxy.upstream.Wish;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decides whether a request may pass, and under which rule it then runs to its end. */
public final class Admission {
  private static final LocalAnswer MISDIRECTED =
      new LocalAnswer(
          HttpResponseStatus.MISDIRECTED_REQUEST,
          "this connection was made for another host",
          HandshakeOutcome.MALFORMED,
          LocalAnswer.AfterAnswer.KEEP,
          Reason.MISDIRECTED);

  /** As often as a pool can be changed between finding its TLS and using it. */
  private static final int ATTEMPTS = 8;

  private static final AsciiString SEC_FETCH_SITE = AsciiString.cached("sec-fetch-site");
  private static final List<String> SAME_ORIGIN = List.of("same-origin");

  /** What was decided. */
  sealed interface Decision {}

  /**
   * Not to be passed.
   *
   * @param refusal what the client is told
   * @param source the rule that matched
   */
  record Refused(LocalAnswer refusal, @Nullable RuleSource source) implements Decision {}

  /**
   * To be passed. Later changes of configuration don't touch it.
   *
   * @param request the request
   * @param rule the rule that matched
   * @param forward its action
   * @param pool where it goes, retries too
   * @param wish what it asks of the choice of an endpoint
   * @param tls what upstream connections are secured with, to be {@linkplain #release released};
   *     null: they are in the clear
   * @param tlsName what the endpoints' certificate has to be for; null: each its own address
   * @param settings as they were
   */
  public record Admitted(
      ClientRequest request,
      CompiledRule rule,
      CompiledAction.Forward forward,
      Pool pool,
      Wish wish,
      @Nullable ClientContext tls,
      @Nullable String tlsName,
      Settings settings)
      implements Decision {

    /** What a connection to an endpoint is secured with; null: it is in the clear. */
    public @Nullable TlsTarget tlsTo(EndpointState endpoint) {
      return tls == null
          ? null
          : new TlsTarget(tls, tlsName == null ? endpoint.address() : tlsName);
    }

    /** The rule's policy. */
    public Policy policy() {
      return forward.policy().policy();
    }

    /** The request's head, for an upstream. */
    public UpstreamRequestHead upstreamHead() {
      return new UpstreamRequestHead(
          request,
          forward.rewriteTarget(request.target(), rule.key()),
          upstreamHost(request, forward),
          policy().get(RequestHeaders.class).edits(),
          settings.forwardedHeaders());
    }

    /**
     * The Set-Cookie that brings the client back to the endpoint that answers. Null: it would come
     * back anyway, or nobody wants that, or the answer sets that cookie itself. Then that counts: a
     * response has one Set-Cookie of a name at most (RFC 6265 §4.1.1), and an application that
     * takes the cookie away ends the affinity.
     *
     * @param answer its header fields, before the policy's edits
     */
    public @Nullable String affinityCookie(EndpointState endpoint, HttpHeaders answer) {
      Affinity affinity = pool.config().affinity();
      String value = affinity == null ? null : pool.cookieOf(endpoint);
      return affinity == null
              || value == null
              || value.equals(wish.cookie())
              || AnswerFields.setsCookie(
                  answer, policy().get(ResponseHeaders.class).edits(), affinity.cookie())
          ? null
          : AffinityCookie.field(affinity, value, request.secure());
    }

    /** Lets go what was held for the request. Once, when no further connection will be made. */
    void release() {
      if (tls != null) {
        tls.release();
      }
    }
  }

  private static @Nullable String upstreamHost(
      ClientRequest request, CompiledAction.Forward forward) {
    String host = forward.rewrite().host();
    return host != null ? host : request.authority();
  }

  Decision admit(ClientRequest request, RoutingState state) {
    TlsSession session = request.peer().tls();
    if (session != null && !state.certificates().mayServe(request.host(), session)) {
      return new Refused(MISDIRECTED, null);
    }
    RequestView values = new RequestValues(request);
    CompiledRule rule;
    try {
      rule = state.table().match(request.host(), request.target().matchPath(), values);
    } catch (MatchBudget.TooCostlyException _) {
      return new Refused(HttpAnswers.TOO_COSTLY, null);
    }
    if (rule == null) {
      return new Refused(HttpAnswers.NO_RULE, null);
    }
    if (Hops.tooMany(request.headers())) {
      return new Refused(HttpAnswers.LOOP, rule.source());
    }
    return switch (rule.action()) {
      case CompiledAction.Unavailable _ ->
          new Refused(
              LocalAnswer.unavailable("this route can't be served as it is configured"), rule.source());
      case CompiledAction.Forward forward ->
          admit(request, values, rule, forward, state.settings());
    };
  }

  private static Decision admit(
      ClientRequest request,
      RequestView values,
      CompiledRule rule,
      CompiledAction.Forward forward,
      Settings settings) {
    CompiledPolicy policy = forward.policy();
    Denial denial = policy.denial(new Request(request));
    if (denial != null) {
      return new Refused(refusal(denial, request), rule.source());
    }
    if (policy.policy().get(EncodedSlashes.class) == EncodedSlashes.REJECT
        && request.target().hasEncodedSlash()) {
      return new Refused(
          LocalAnswer.malformed("this route takes no encoded slash or backslash in a path")
              .because(Reason.TARGET),
          rule.source());
    }
    Pool pool = forward.choosePool(values);
    if (pool == null) {
      return new Refused(
          LocalAnswer.unavailable("every upstream of this route has weight 0"), rule.source());
    }
    Wish wish = Stickiness.wish(pool, values);
    if (pool.config().tls() == null) {
      return new Admitted(request, rule, forward, pool, wish, null, null, settings);
    }
    return secured(request, rule, forward, pool, wish, settings);
  }

  private static Decision secured(
      ClientRequest request,
      CompiledRule rule,
      CompiledAction.Forward forward,
      Pool pool,
      Wish wish,
      Settings settings) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      UpstreamPool config = pool.config();
      ClientContext context = pool.tls();
      if (context != null && context.retain()) {
        String name = PinnedName.of(rule.key(), forward.rewrite(), config);
        return new Admitted(request, rule, forward, pool, wish, context, name, settings);
      }
    }
    // It went between two looks, again and again.
    return new Refused(LocalAnswer.unavailable("this route is just being changed"), rule.source());
  }

  /** No client follows a redirect of an upgrade, and what it says was said in the clear. */
  private static LocalAnswer insecure(ClientRequest request) {
    return request.websocket()
        ? LocalAnswer.forbidden("this host takes WebSocket handshakes over TLS only")
        : LocalAnswer.redirect(
            "this host is served over TLS",
            "https://" + request.host() + request.target().forwardTarget());
  }

  private static LocalAnswer refusal(Denial denial, ClientRequest request) {
    return switch (denial) {
      case ADDRESS -> LocalAnswer.forbidden("this route does not admit your address");
      case INSECURE -> insecure(request);
      case NO_UPGRADE ->
          LocalAnswer.upgradeRequired("this route takes WebSocket handshakes only")
              .because(Reason.POLICY);
      case UPGRADE -> LocalAnswer.forbidden("this route does not take WebSocket handshakes");
      case ORIGIN -> LocalAnswer.forbidden("this route does not admit this Origin");
    };
  }

  /** A request as policies judge it. */
  private record Request(ClientRequest request) implements Caller {
    @Override
    public InetAddress address() {
      return request.client().address();
    }

    @Override
    public boolean secure() {
      return request.secure();
    }

    @Override
    public boolean websocket() {
      return request.websocket();
    }

    @Override
    public List<String> origins() {
      return request.headers().getAll(HttpHeaderNames.ORIGIN);
    }

    @Override
    public boolean sameOrigin() {
      List<String> origins = origins();
      if (origins.size() != 1) {
        return false;
      }
      String origin = origins.getFirst();
      // A page without a referrer hides its origin from itself too; who it is the browser tells
      // beside, in a field that no page can set.
      return origin.equals("null")
          ? request.headers().getAll(SEC_FETCH_SITE).equals(SAME_ORIGIN)
          : request.asked().isOrigin(origin);
    }
  }
}
