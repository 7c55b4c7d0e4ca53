package dev.longshore.proxy.filter;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.policy.Access;
import dev.longshore.contract.policy.Cors;
import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.answer.LocalAnswer;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What pages are told of whom they may ask, by the proxy alone. */
class CorsTest {
  private static final String SHOP = "https://shop.example.com";
  private static final Cors LISTED =
      new Cors(
          List.of("https://*.example.com"),
          List.of("GET", "PUT"),
          List.of("X-Token"),
          List.of("X-Total"),
          true,
          Duration.ofMinutes(10));
  private static final Cors EVERYBODY =
      new Cors(List.of("*"), List.of("*"), List.of("*"), List.of("*"), false, Duration.ZERO);

  private static Policy policy(Cors cors) {
    return new TestPolicy().with(cors).build();
  }

  private static TestRequest preflight(String origin) {
    TestRequest request =
        TestRequest.plain()
            .with("origin", origin)
            .with("access-control-request-method", "PUT")
            .with("access-control-request-headers", "x-token");
    request.method = HttpMethod.OPTIONS;
    return request;
  }

  private static @Nullable String field(LocalAnswer answer, String name) {
    return answer.fields().stream()
        .filter(field -> field.name().contentEqualsIgnoreCase(name))
        .map(LocalAnswer.Field::value)
        .findFirst()
        .orElse(null);
  }

  @Test
  void aPreflightOfAListedOriginIsAnswered() {
    LocalAnswer answer = requireNonNull(preflight(SHOP).askedBy(policy(LISTED)));
    assertThat(answer.status().code()).isEqualTo(204);
    assertThat(field(answer, "access-control-allow-origin")).isEqualTo(SHOP);
    assertThat(field(answer, "access-control-allow-credentials")).isEqualTo("true");
    assertThat(field(answer, "access-control-allow-methods")).isEqualTo("GET, PUT");
    assertThat(field(answer, "access-control-allow-headers")).isEqualTo("X-Token");
    assertThat(field(answer, "access-control-max-age")).isEqualTo("600");
    assertThat(field(answer, "access-control-expose-headers")).isNull();
    assertThat(field(answer, "vary")).isEqualTo("origin");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://example.com",
        "https://a.b.example.com",
        "https://shop.example.com.evil.com",
        "https://evilexample.com",
        "http://shop.example.com",
        "https://shop.example.com:444",
        "https://shop.example.com@evil.com",
        "https://*.example.com",
        "null",
        "",
      })
  void oneOfAnotherOriginIsRefused(String origin) {
    Policy policy = policy(LISTED);
    LocalAnswer answer = requireNonNull(preflight(origin).askedBy(policy));
    assertThat(answer.status().code()).isEqualTo(403);
    LocalAnswer told = ResponseFilters.of(policy).own(answer, new To(false, List.of(origin)));
    assertThat(field(told, "access-control-allow-origin")).isNull();
    assertThat(field(told, "access-control-allow-credentials")).isNull();
    assertThat(field(told, "vary")).isEqualTo("origin");
  }

  @Test
  void twoOriginsAreNobodys() {
    TestRequest request = preflight(SHOP).with("origin", SHOP);
    assertThat(requireNonNull(request.askedBy(policy(LISTED))).status().code()).isEqualTo(403);
  }

  @Test
  void everybodyIsToldTheSame() {
    Policy policy = policy(EVERYBODY);
    LocalAnswer answer = requireNonNull(preflight("null").askedBy(policy));
    assertThat(field(answer, "access-control-allow-origin")).isEqualTo("*");
    assertThat(field(answer, "access-control-allow-credentials")).isNull();
    assertThat(field(answer, "vary")).as("it depends on nothing").isNull();
  }

  @ParameterizedTest
  @CsvSource({"GET, true, true", "OPTIONS, false, true", "OPTIONS, true, false"})
  void whatIsNoPreflightPasses(String method, boolean origin, boolean asks) {
    TestRequest request = TestRequest.plain();
    request.method = HttpMethod.valueOf(method);
    if (origin) {
      request.with("origin", SHOP);
    }
    if (asks) {
      request.with("access-control-request-method", "PUT");
    }
    assertThat(request.askedBy(PreflightFilter.of(policy(LISTED)))).isZero();
  }

  @Test
  void handshakesHaveNoPreflight() {
    TestRequest request = TestRequest.handshake();
    request.method = HttpMethod.OPTIONS;
    request.with("origin", SHOP).with("access-control-request-method", "GET");
    assertThat(request.askedBy(PreflightFilter.of(policy(LISTED)))).isZero();
    HttpHeaders head = new DefaultHttpHeaders().add("access-control-allow-origin", "https://x.y");
    ResponseFilters.of(policy(LISTED)).edit(head, new To(true, List.of(SHOP)));
    assertThat(head.get("access-control-allow-origin")).isEqualTo("https://x.y");
    assertThat(head.contains("vary")).isFalse();
  }

  @Test
  void anAddressThatMayNotPassIsToldNothing() {
    Policy policy = new TestPolicy().with(LISTED).with(Access.ANY).deny("192.0.2.1/32").build();
    LocalAnswer answer = requireNonNull(preflight(SHOP).askedBy(policy));
    assertThat(answer.status().code()).isEqualTo(403);
  }

  @Test
  void whatTheUpstreamSaysIsReplaced() {
    HttpHeaders head =
        new DefaultHttpHeaders()
            .add("Access-Control-Allow-Origin", "*")
            .add("access-control-allow-origin", "https://evil.com")
            .add("ACCESS-CONTROL-ALLOW-METHODS", "DELETE")
            .add("Access-Control-Allow-Private-Network", "true")
            .add("Vary", "Accept");
    ResponseFilters.of(policy(LISTED)).edit(head, new To(false, List.of(SHOP)));
    assertThat(head.getAll("access-control-allow-origin")).containsExactly(SHOP);
    assertThat(head.get("access-control-allow-credentials")).isEqualTo("true");
    assertThat(head.get("access-control-expose-headers")).isEqualTo("X-Total");
    assertThat(head.contains("access-control-allow-methods")).isFalse();
    assertThat(head.contains("access-control-allow-private-network")).isFalse();
    assertThat(head.getAll("vary")).containsExactly("Accept", "origin");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Accept, Origin", "*", "origin"})
  void whatVariesAlreadyIsNotSaidTwice(String vary) {
    HttpHeaders head = new DefaultHttpHeaders().add("Vary", vary);
    ResponseFilters.of(policy(LISTED)).edit(head, new To(false, List.of()));
    assertThat(head.getAll("vary")).containsExactly(vary);
    assertThat(head.contains("access-control-allow-origin")).isFalse();
  }

  @Test
  void ourOwnAnswersCanBeReadByThePage() {
    LocalAnswer told =
        ResponseFilters.of(policy(LISTED))
            .own(LocalAnswer.limited("slower", 1), new To(false, List.of(SHOP)));
    assertThat(field(told, "access-control-allow-origin")).isEqualTo(SHOP);
    assertThat(field(told, "retry-after")).isEqualTo("1");
  }

  @Test
  void withoutItCorsIsTheUpstreams() {
    assertThat(PreflightFilter.of(Policy.DEFAULT)).isNull();
    assertThat(CorsFilter.of(Policy.DEFAULT)).isNull();
  }

  private record To(boolean websocket, List<String> origins) implements Answered {
    @Override
    public @Nullable String strictTransportSecurity() {
      return null;
    }

    @Override
    public @Nullable AffinityCookie affinityCookie() {
      return null;
    }
  }
}
