package dev.longshore.proxy.http;

import dev.longshore.contract.RuleSource;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.policy.HeaderEdits;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.answer.Reason;
import dev.longshore.proxy.basic.PasswordChecks;
import dev.longshore.proxy.fields.Edits;
import dev.longshore.proxy.fields.Tokens;
import dev.longshore.proxy.filter.AffinityCookie;
import dev.longshore.proxy.filter.Answered;
import dev.longshore.proxy.filter.ExternalAuthorizer;
import dev.longshore.proxy.filter.FilterRequest;
import dev.longshore.proxy.filter.RequestFilters;
import dev.longshore.proxy.filter.TunnelGuard;
import dev.longshore.proxy.filter.Verdict;
import dev.longshore.proxy.http.Decision.Refused;
import dev.longshore.proxy.http.Decision.Undecided;
import dev.longshore.proxy.limit.Limiter;
import dev.longshore.proxy.limit.Permit;
import dev.longshore.proxy.proof.Proof;
import dev.longshore.proxy.route.CompiledAction;
import dev.longshore.proxy.route.CompiledRule;
import dev.longshore.proxy.route.MatchBudget;
import dev.longshore.proxy.route.RequestTarget;
import dev.longshore.proxy.route.SessionAffinity;
import dev.longshore.proxy.table.RoutingState;
import dev.longshore.proxy.tls.ClientContext;
import dev.longshore.proxy.tls.TlsSession;
import dev.longshore.proxy.upstream.PickHint;
import dev.longshore.proxy.upstream.Pool;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.util.AsciiString;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way through admission: first the rule, then the filters of its policy one after
 * the other, then a pool. It stops where a filter's verdict comes later, and goes on from there. On
 * the event loop of its connection. Longer than most, for it is all that filters may ask of a
 * request, a line each.
 */
final class Candidate implements FilterRequest, Answered, Decision.Waiting {
  /** As often as a pool can be changed between finding its TLS and using it. */
  private static final int ATTEMPTS = 8;

  private static final AsciiString SEC_FETCH_SITE = AsciiString.cached("sec-fetch-site");
  private static final List<String> SAME_ORIGIN = List.of("same-origin");

  private static final LocalAnswer NO_WEIGHT =
      LocalAnswer.unavailable("every upstream of this route has weight 0");
  private static final LocalAnswer CHANGING =
      LocalAnswer.unavailable("this route is just being changed");

  private static final LocalAnswer NO_HOST =
      LocalAnswer.malformed("a Host is needed to say where else to ask").because(Reason.HOST);

  private final ClientRequest request;
  private final RoutingState state;
  private final Limiter limiter;
  private final ExternalAuthorizer authorizer;
  private final PasswordChecks passwords;
  private final RequestValues values;
  private @Nullable CompiledRule rule;
  private int asked;
  private HeaderEdits edits = HeaderEdits.NONE;
  private final List<Proof> proofs = new ArrayList<>(0);
  private @Nullable Permit permit;
  private @Nullable TunnelGuard guard;
  private RequestTarget.Accepted target;
  private @Nullable List<String> offers;
  private @Nullable String agreedOtherwise;
  private @Nullable Instant end;

  /** One that nothing is known of; {@code state} is what it is decided by, to the end. */
  Candidate(
      ClientRequest request,
      RoutingState state,
      Limiter limiter,
      ExternalAuthorizer authorizer,
      PasswordChecks passwords) {
    this.request = request;
    this.state = state;
    this.limiter = limiter;
    this.authorizer = authorizer;
    this.passwords = passwords;
    this.values = new RequestValues(request);
    this.target = request.target();
  }

  /** Decides, as far as it can be done at once. */
  Decision decide() {
    if (RequestFilters.BEFORE_RULES.test(this) instanceof Verdict.Answer(LocalAnswer answer)) {
      return refused(answer);
    }
    if (!request.peer().listener().serves(request.host())) {
      return refused(HttpAnswers.NOT_HERE);
    }
    CompiledRule matched;
    try {
      matched = state.table().match(request.host(), request.target().matchPath(), values);
    } catch (MatchBudget.TooCostlyException _) {
      return refused(HttpAnswers.TOO_COSTLY);
    }
    if (matched == null) {
      return refused(HttpAnswers.NO_RULE);
    }
    rule = matched;
    if (Hops.tooMany(request.headers())) {
      return refused(HttpAnswers.LOOP);
    }
    return goOn(Verdict.PASS);
  }

  @Override
  public Decision goOn(Verdict last) {
    try {
      return switch (matched().action()) {
        case CompiledAction.Refuse refuse -> refused(refuse.answer());
        case CompiledAction.Served served -> filtered(last, served);
      };
    } catch (RuntimeException | Error e) {
      release();
      throw e;
    }
  }

  private Decision filtered(Verdict last, CompiledAction.Served served) {
    RequestFilters filters = served.policy().requests();
    Verdict verdict = last;
    while (true) {
      switch (verdict) {
        case Verdict.Pass _ -> {}
        case Verdict.Edit edit -> edits = Edits.then(edits, edit.edits());
        case Verdict.Proven proven -> {
          edits = Edits.then(edits, proven.edits());
          proofs.add(proven.proof());
        }
        case Verdict.Answer answer -> {
          return refused(answer.answer());
        }
        case Verdict.Later later -> {
          return new Undecided(this, later);
        }
      }
      if (asked == filters.size()) {
        return passed(served);
      }
      verdict = filters.test(asked++, this);
    }
  }

  private Decision passed(CompiledAction.Served served) {
    return switch (served) {
      case CompiledAction.Forward forward -> passed(forward);
      case CompiledAction.Redirect redirect ->
          request.host().isEmpty() ? refused(NO_HOST) : answered(redirect(redirect), served);
      case CompiledAction.Respond respond -> answered(respond.answer(), served);
    };
  }

  private LocalAnswer redirect(CompiledAction.Redirect redirect) {
    RequestedAs asked = request.asked();
    return redirect
        .to()
        .answer(asked.secure(), request.host(), asked.port(), target, matched().key());
  }

  /** The rule answers by itself. */
  private Refused answered(LocalAnswer answer, CompiledAction.Served served) {
    release();
    return new Refused(served.policy().answers().ofRule(answer, this), matched().source());
  }

  private Decision passed(CompiledAction.Forward forward) {
    Pool pool = forward.choosePool(values);
    if (pool == null) {
      return refused(NO_WEIGHT);
    }
    PickHint hint = SessionAffinity.hint(pool, values);
    if (pool.config().tls() == null) {
      return admitted(forward, pool, hint, null, null);
    }
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      UpstreamPool config = pool.config();
      ClientContext context = pool.tls();
      if (context != null && context.retain()) {
        String name = PinnedName.of(matched().key(), forward.rewrite(), config);
        return admitted(forward, pool, hint, context, name);
      }
    }
    // It went between two looks, again and again.
    return refused(CHANGING);
  }

  private Admitted admitted(
      CompiledAction.Forward forward,
      Pool pool,
      PickHint hint,
      @Nullable ClientContext tls,
      @Nullable String tlsName) {
    Permit held = permit;
    permit = null;
    return new Admitted(
        request,
        matched(),
        forward,
        pool,
        hint,
        tls,
        tlsName,
        state.settings(),
        edits,
        held,
        new AdmittedAs(target, guard, end, agreedOtherwise, List.copyOf(proofs)));
  }

  @Override
  public Refused refused(LocalAnswer answer) {
    release();
    CompiledRule found = rule;
    if (found == null) {
      return new Refused(answer, null);
    }
    return new Refused(
        found.action() instanceof CompiledAction.Served served
            ? served.policy().answers().own(answer, this)
            : answer,
        found.source());
  }

  /** Nothing comes of it: lets go what is held for it. */
  private void release() {
    Permit held = permit;
    permit = null;
    if (held != null) {
      held.release();
    }
  }

  private CompiledRule matched() {
    return Objects.requireNonNull(rule, "no rule has matched");
  }

  @Override
  public ClientRequest request() {
    return request;
  }

  // ---- for filters

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
  public @Nullable String strictTransportSecurity() {
    // Who writes an answer of our own says it on each.
    return null;
  }

  @Override
  public @Nullable AffinityCookie affinityCookie() {
    // There is no endpoint to come back to.
    return null;
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

  @Override
  public List<String> subprotocols() {
    List<String> left = offers;
    return left != null
        ? left
        : Tokens.of(request.headers().getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL));
  }

  @Override
  public HttpMethod method() {
    return request.method();
  }

  @Override
  public HttpHeaders headers() {
    return request.headers();
  }

  @Override
  public boolean hasBody() {
    return request.hasBody();
  }

  @Override
  public boolean hasEncodedSlash() {
    return request.target().hasEncodedSlash();
  }

  @Override
  public String secureUri() {
    return "https://" + request.host() + request.target().forwardTarget();
  }

  @Override
  public boolean misdirected() {
    TlsSession session = request.peer().tls();
    if (session == null) {
      return false;
    }
    boolean covered =
        request.protocol() == Protocol.HTTP_2
            ? state.certificates().mayShare(request.host(), session)
            : state.certificates().mayServe(request.host(), session);
    return !covered || !request.peer().listener().serves(request.host());
  }

  @Override
  public RuleSource source() {
    return matched().source();
  }

  @Override
  public Limiter limiter() {
    return limiter;
  }

  @Override
  public String scheme() {
    return request.asked().scheme();
  }

  @Override
  public String authority() {
    String told = request.asked().host();
    return told == null ? "" : told;
  }

  @Override
  public String forwardTarget() {
    return target.forwardTarget();
  }

  @Override
  public String path() {
    return request.target().path();
  }

  @Override
  public String id() {
    return request.id();
  }

  @Override
  public List<String> cookies(String name) {
    return values.cookieValues(name);
  }

  @Override
  public List<String> parameters(String name) {
    return values.queryValues(name);
  }

  @Override
  public ExternalAuthorizer authorizer() {
    return authorizer;
  }

  @Override
  public PasswordChecks passwords() {
    return passwords;
  }

  @Override
  public void guard(TunnelGuard given) {
    guard = given;
    hold(given::ended);
  }

  @Override
  public void expires(Instant given) {
    Instant before = end;
    end = before == null || given.isBefore(before) ? given : before;
  }

  @Override
  public void takeParameter(String name) {
    target = target.withoutParameter(name);
  }

  @Override
  public void takeSubprotocols(List<String> left, @Nullable String agreed) {
    offers = List.copyOf(left);
    agreedOtherwise = agreed;
  }

  @Override
  public void hold(Permit given) {
    Permit before = permit;
    permit =
        before == null
            ? given
            : () -> {
              before.release();
              given.release();
            };
  }
}
