package dev.longshore.proxy.filter;

import dev.longshore.contract.RuleSource;
import dev.longshore.contract.policy.Policy;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.basic.PasswordChecks;
import dev.longshore.proxy.fields.Tokens;
import dev.longshore.proxy.limit.Limiter;
import dev.longshore.proxy.limit.Permit;
import dev.longshore.proxy.proof.Proof;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.util.concurrent.Ticker;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/** A request as filters see it, of which a test says what matters. */
final class TestRequest implements FilterRequest, TunnelSubject {
  final HttpHeaders headers = new DefaultHttpHeaders();
  final List<Permit> held = new ArrayList<>();
  Limiter limiter = new Limiter(IntUnaryOperator.identity(), 1, Ticker.systemTicker());
  InetAddress address = InetAddress.ofLiteral("192.0.2.1");
  HttpMethod method = HttpMethod.GET;
  boolean secure;
  String forwardTarget = "/a?b";
  boolean websocket;
  boolean sameOrigin;
  boolean body;
  boolean encodedSlash;
  boolean misdirected;
  final List<String> taken = new ArrayList<>();
  final List<Proof> proofs = new ArrayList<>();
  @Nullable Instant end;
  @Nullable List<String> offers;
  @Nullable String agreedOtherwise;

  static TestRequest plain() {
    return new TestRequest();
  }

  static TestRequest handshake() {
    TestRequest request = new TestRequest();
    request.websocket = true;
    request.headers.set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "13");
    request.headers.set(HttpHeaderNames.SEC_WEBSOCKET_KEY, "dGhlIHNhbXBsZSBub25jZQ==");
    return request;
  }

  TestRequest with(CharSequence name, String value) {
    headers.add(name, value);
    return this;
  }

  /** What it is answered; null: it passes. */
  static @Nullable LocalAnswer answer(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Answer answer -> answer.answer();
      case Verdict.Pass _ -> null;
      case Verdict.Edit _, Verdict.Proven _, Verdict.Later _ -> throw new AssertionError(verdict);
    };
  }

  /** The status that a filter answers; 0: it passes. */
  int askedBy(@Nullable RequestFilter filter) {
    LocalAnswer answer = filter == null ? null : answer(filter.test(this));
    return answer == null ? 0 : answer.status().code();
  }

  /** The answer of the first filter of a policy that has one; null: all pass. */
  @Nullable LocalAnswer askedBy(Policy policy) {
    RequestFilters filters = RequestFilters.of(policy);
    for (int i = 0; i < filters.size(); i++) {
      if (filters.test(i, this) instanceof Verdict.Answer(LocalAnswer answer)) {
        return answer;
      }
    }
    return null;
  }

  ExternalAuthorizer authorizer = new FakeAuthorizer();
  @Nullable TunnelGuard guard;
  PasswordChecks passwords = new PasswordChecks();

  @Override
  public List<Proof> proofs() {
    return proofs;
  }

  @Override
  public String scheme() {
    return secure ? "https" : "http";
  }

  @Override
  public String authority() {
    return "chat.example.com";
  }

  @Override
  public String forwardTarget() {
    return forwardTarget;
  }

  @Override
  public String path() {
    return "/a";
  }

  @Override
  public String id() {
    return "id-1";
  }

  @Override
  public List<String> cookies(String name) {
    return headers.getAll("test-cookie-" + name);
  }

  @Override
  public List<String> parameters(String name) {
    return headers.getAll("test-parameter-" + name);
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
  }

  @Override
  public InetAddress address() {
    return address;
  }

  @Override
  public boolean secure() {
    return secure;
  }

  @Override
  public boolean websocket() {
    return websocket;
  }

  @Override
  public List<String> origins() {
    return headers.getAll(HttpHeaderNames.ORIGIN);
  }

  @Override
  public boolean sameOrigin() {
    return sameOrigin;
  }

  @Override
  public List<String> subprotocols() {
    return Tokens.of(headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL));
  }

  @Override
  public HttpMethod method() {
    return method;
  }

  @Override
  public HttpHeaders headers() {
    return headers;
  }

  @Override
  public boolean hasBody() {
    return body;
  }

  @Override
  public boolean hasEncodedSlash() {
    return encodedSlash;
  }

  @Override
  public String secureUri() {
    return "https://chat.example.com/a?b";
  }

  @Override
  public boolean misdirected() {
    return misdirected;
  }

  @Override
  public RuleSource source() {
    return new RuleSource("WebSocketRoute", "demo", "chat", 0, "socket", 0);
  }

  @Override
  public Limiter limiter() {
    return limiter;
  }

  @Override
  public void expires(Instant given) {
    end = given;
  }

  @Override
  public void takeParameter(String name) {
    taken.add(name);
  }

  @Override
  public void takeSubprotocols(List<String> left, @Nullable String agreed) {
    offers = left;
    agreedOtherwise = agreed;
  }

  @Override
  public void hold(Permit permit) {
    held.add(permit);
  }
}
