package dev.longshore.proxy.filter;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.HardLimits;
import dev.longshore.contract.policy.EncodedSlashes;
import dev.longshore.contract.policy.Header;
import dev.longshore.contract.policy.HeaderEdits;
import dev.longshore.contract.policy.InsecureMode;
import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.policy.RequestRate;
import dev.longshore.contract.policy.UpgradeMode;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.answer.LocalAnswer.AfterAnswer;
import dev.longshore.proxy.answer.LocalAnswer.Field;
import dev.longshore.proxy.answer.Reason;
import dev.longshore.proxy.limit.Permit;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each filter by itself. */
class RequestFilterTest {
  private final TestRequest plain = TestRequest.plain();
  private final TestRequest handshake = TestRequest.handshake();

  private static Policy policy(TestPolicy policy) {
    return policy.build();
  }

  private static LocalAnswer answer(@Nullable RequestFilter filter, TestRequest request) {
    return requireNonNull(TestRequest.answer(requireNonNull(filter).test(request)));
  }

  @Nested
  class Misdirected {
    @Test
    void isAConnectionForAnotherHost() {
      assertThat(plain.askedBy(RequestFilters.BEFORE_RULES)).isZero();
      plain.misdirected = true;
      LocalAnswer answer = answer(RequestFilters.BEFORE_RULES, plain);
      assertThat(answer.status().code()).isEqualTo(421);
      assertThat(answer.failure().reason()).isEqualTo(Reason.MISDIRECTED);
      assertThat(answer.connection()).isEqualTo(AfterAnswer.KEEP);
    }
  }

  @Nested
  class Insecure {
    private final RequestFilter filter =
        requireNonNull(InsecureFilter.of(policy(new TestPolicy().with(InsecureMode.REDIRECT))));

    @Test
    void plainRequestsAreSentToTls() {
      LocalAnswer answer = answer(filter, plain);
      assertThat(answer.status().code()).isEqualTo(308);
      assertThat(answer.fields())
          .containsExactly(new Field(HttpHeaderNames.LOCATION, "https://chat.example.com/a?b"));
      plain.secure = true;
      assertThat(plain.askedBy(filter)).isZero();
    }

    @Test
    void handshakesAreNotRedirected() {
      assertThat(answer(filter, handshake).status().code()).isEqualTo(403);
      assertThat(answer(filter, handshake).fields()).isEmpty();
      handshake.secure = true;
      assertThat(handshake.askedBy(filter)).isZero();
    }

    @Test
    void isAllowedByDefault() {
      assertThat(InsecureFilter.of(Policy.DEFAULT)).isNull();
    }
  }

  @Nested
  class Addresses {
    @ParameterizedTest
    @CsvSource({
      "'', 192.0.2.0/24, 192.0.2.1, 403",
      "'', 192.0.2.0/24, 198.51.100.1, 0",
      "192.0.2.0/24, '', 192.0.2.1, 0",
      "192.0.2.0/24, '', 198.51.100.1, 403",
      "192.0.2.0/24, 192.0.2.1/32, 192.0.2.1, 403",
    })
    void denyBeatsAllow(String allow, String deny, String address, int status) {
      TestPolicy policy = new TestPolicy();
      if (!allow.isEmpty()) {
        policy.allow(allow);
      }
      if (!deny.isEmpty()) {
        policy.deny(deny);
      }
      plain.address = InetAddress.ofLiteral(address);
      assertThat(plain.askedBy(AccessFilter.of(policy.build()))).isEqualTo(status);
    }

    @Test
    void everybodyMayPassByDefault() {
      assertThat(AccessFilter.of(Policy.DEFAULT)).isNull();
    }
  }

  @Nested
  class Rate {
    private final RequestFilter filter =
        requireNonNull(RequestRateFilter.of(policy(new TestPolicy().with(new RequestRate(1, 2)))));

    @Test
    void isOfPlainRequests() {
      assertThat(plain.askedBy(filter)).isZero();
      assertThat(plain.askedBy(filter)).isZero();
      LocalAnswer answer = answer(filter, plain);
      assertThat(answer.status().code()).isEqualTo(429);
      assertThat(answer.fields()).containsExactly(new Field(HttpHeaderNames.RETRY_AFTER, "1"));
      assertThat(plain.held).isEmpty();
      handshake.limiter = plain.limiter;
      assertThat(handshake.askedBy(filter)).isZero();
    }

    @Test
    void isOffByDefault() {
      assertThat(RequestRateFilter.of(Policy.DEFAULT)).isNull();
    }
  }

  @Nested
  class Upgrades {
    @Test
    void areRequiredOrDenied() {
      RequestFilter required = UpgradeFilter.of(policy(new TestPolicy().with(UpgradeMode.REQUIRE)));
      RequestFilter denied = UpgradeFilter.of(policy(new TestPolicy().with(UpgradeMode.DENY)));
      assertThat(handshake.askedBy(required)).isZero();
      assertThat(plain.askedBy(denied)).isZero();
      assertThat(handshake.askedBy(denied)).isEqualTo(403);
      LocalAnswer answer = answer(required, plain);
      assertThat(answer.status().code()).isEqualTo(426);
      assertThat(answer.failure().reason()).isEqualTo(Reason.POLICY);
      assertThat(answer.fields())
          .containsExactly(
              new Field(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "13"),
              new Field(HttpHeaderNames.UPGRADE, "websocket"),
              new Field(HttpHeaderNames.CONNECTION, "upgrade"));
      assertThat(UpgradeFilter.of(Policy.DEFAULT)).isNull();
    }
  }

  @Nested
  class Origins {
    private final RequestFilter filter =
        requireNonNull(
            OriginFilter.of(policy(new TestPolicy().origins("https://chat.example.com"))));

    @Test
    void areListedOrNone() {
      assertThat(handshake.askedBy(filter)).as("not a browser").isZero();
      handshake.with(HttpHeaderNames.ORIGIN, "https://chat.example.com");
      assertThat(handshake.askedBy(filter)).isZero();
      handshake.with(HttpHeaderNames.ORIGIN, "https://chat.example.com");
      assertThat(handshake.askedBy(filter)).as("two").isEqualTo(403);
      handshake.headers.set(HttpHeaderNames.ORIGIN, "https://evil.test");
      assertThat(handshake.askedBy(filter)).isEqualTo(403);
    }

    @Test
    void aPagesOwnIsEnoughForPlainRequestsOnly() {
      for (TestRequest request : List.of(plain, handshake)) {
        request.with(HttpHeaderNames.ORIGIN, "https://own.example");
        request.sameOrigin = true;
      }
      assertThat(plain.askedBy(filter)).isZero();
      assertThat(handshake.askedBy(filter)).isEqualTo(403);
    }

    @Test
    void areNotCheckedByDefault() {
      assertThat(OriginFilter.of(Policy.DEFAULT)).isNull();
    }
  }

  @Nested
  class Slashes {
    @Test
    void thatAreEncodedAreRejectedWhereTheyAre() {
      RequestFilter filter =
          EncodedSlashFilter.of(policy(new TestPolicy().with(EncodedSlashes.REJECT)));
      assertThat(plain.askedBy(filter)).isZero();
      plain.encodedSlash = true;
      assertThat(answer(filter, plain).failure().reason()).isEqualTo(Reason.TARGET);
      assertThat(EncodedSlashFilter.of(Policy.DEFAULT)).isNull();
    }
  }

  @Nested
  class Handshakes {
    private final RequestFilter filter = HandshakeFilter.INSTANCE;

    @Test
    void areWholeAndOfVersion13() {
      assertThat(handshake.askedBy(filter)).isZero();
      handshake.headers.set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "14");
      assertThat(handshake.askedBy(filter)).isEqualTo(426);
      handshake.headers.set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, List.of("13", "13"));
      assertThat(handshake.askedBy(filter)).isEqualTo(426);
      handshake.body = true;
      assertThat(handshake.askedBy(filter)).isEqualTo(400);
      handshake.method = HttpMethod.POST;
      assertThat(answer(filter, handshake).failure().reason()).isEqualTo(Reason.HANDSHAKE);
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "",
          "dGhlIHNhbXBsZSBub25jZQ",
          "dGhlIHNhbXBsZSBub25jZQ=!",
          "dGhlIHNhbXBsZSBub25jZ!==",
          "dGhlIHNhbXBsZSBub25jZQ==="
        })
    void haveAKeyOf16Bytes(String key) {
      handshake.headers.set(HttpHeaderNames.SEC_WEBSOCKET_KEY, key);
      assertThat(handshake.askedBy(filter)).isEqualTo(400);
    }

    @Test
    void offerNoMoreThanAnybodyCanMean() {
      handshake.with(
          HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS, "x,".repeat(HardLimits.LIST_MEMBERS) + "x");
      assertThat(handshake.askedBy(filter)).isEqualTo(400);
    }

    @Test
    void areNotAskedOfPlainRequests() {
      plain.method = HttpMethod.POST;
      assertThat(plain.askedBy(filter)).isZero();
    }
  }

  @Nested
  class Subprotocols {
    private final RequestFilter filter =
        requireNonNull(SubprotocolFilter.of(policy(new TestPolicy().subprotocols("a", "b"))));

    @Test
    void thatAreAllowedAreLeft() {
      handshake.with(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, "b, c, a");
      assertThat(filter.test(handshake))
          .isEqualTo(
              new Verdict.Edit(
                  new HeaderEdits(
                      List.of(new Header("sec-websocket-protocol", "b, a")), List.of())));
    }

    @Test
    void areLeftAloneIfAllOfThemAre() {
      assertThat(handshake.askedBy(filter)).as("none is offered").isZero();
      handshake.with(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, "b");
      assertThat(filter.test(handshake)).isSameAs(Verdict.PASS);
    }

    @Test
    void ofWhichNoneIsLeftMakeNoHandshake() {
      handshake.with(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, "A");
      assertThat(handshake.askedBy(filter)).isEqualTo(400);
      plain.with(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, "A");
      assertThat(plain.askedBy(filter)).isZero();
    }

    @Test
    void areNotCheckedByDefault() {
      assertThat(SubprotocolFilter.of(Policy.DEFAULT)).isNull();
    }
  }

  @Nested
  class Limits {
    @Test
    void ofTunnelsHoldAPlaceUntilItIsReleased() {
      RequestFilter filter = TunnelLimitsFilter.of(policy(new TestPolicy().connections(1)));
      assertThat(handshake.askedBy(filter)).isZero();
      assertThat(handshake.held).hasSize(1);
      assertThat(handshake.askedBy(filter)).isEqualTo(429);
      assertThat(handshake.held).hasSize(1);
      plain.limiter = handshake.limiter;
      assertThat(plain.askedBy(filter)).isZero();
      handshake.held.getFirst().release();
      assertThat(handshake.askedBy(filter)).isZero();
    }

    @Test
    void ofRequestsHoldAPlaceToo() {
      RequestFilter filter = RequestsUnderWayFilter.INSTANCE;
      for (int i = 0; i < HardLimits.REQUESTS_PER_CLIENT; i++) {
        assertThat(plain.askedBy(filter)).isZero();
      }
      assertThat(plain.askedBy(filter)).isEqualTo(429);
      handshake.limiter = plain.limiter;
      assertThat(handshake.askedBy(filter)).isZero();
      assertThat(handshake.held).isEmpty();
      plain.held.forEach(Permit::release);
      assertThat(plain.askedBy(filter)).isZero();
    }
  }
}
