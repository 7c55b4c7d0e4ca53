package dev.longshore.proxy.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.policy.EncodedSlashes;
import dev.longshore.contract.policy.InsecureMode;
import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.policy.RequestRate;
import dev.longshore.contract.policy.UpgradeMode;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.limit.Permit;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which filters a policy has, and in which order they are asked. */
class RequestFiltersTest {
  private static final Policy STRICT =
      new TestPolicy()
          .with(InsecureMode.REDIRECT)
          .deny("192.0.2.0/24")
          .with(new RequestRate(1, 1))
          .with(UpgradeMode.REQUIRE)
          .origins("https://chat.example.com")
          .with(EncodedSlashes.REJECT)
          .subprotocols("chat")
          .connections(1)
          .build();

  private static List<Integer> statuses(TestRequest request, List<Runnable> mended) {
    List<Integer> statuses = new ArrayList<>();
    for (Runnable mend : mended) {
      var answer = request.askedBy(STRICT);
      statuses.add(answer == null ? 0 : answer.status().code());
      mend.run();
    }
    return statuses;
  }

  @Test
  void aHandshakeIsToldWhatIsWrongInOrder() {
    TestRequest request = TestRequest.handshake().with(HttpHeaderNames.ORIGIN, "https://evil.test");
    request.headers.set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "8");
    request.headers.set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, "other");
    request.encodedSlash = true;
    TestRequest first = TestRequest.handshake();
    first.address = InetAddress.ofLiteral("198.51.100.1");
    first.secure = true;
    first.limiter = request.limiter;
    assertThat(first.askedBy(STRICT)).isNull();
    assertThat(
            statuses(
                request,
                List.of(
                    () -> request.secure = true,
                    () -> request.address = InetAddress.ofLiteral("198.51.100.7"),
                    () -> request.headers.remove(HttpHeaderNames.ORIGIN),
                    () -> request.encodedSlash = false,
                    () -> request.headers.set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "13"),
                    () -> request.headers.set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, "chat"),
                    () -> first.held.forEach(Permit::release),
                    () -> {})))
        .containsExactly(403, 403, 403, 400, 426, 400, 429, 0);
  }

  @Test
  void aPlainRequestIsToldWhatIsWrongInOrder() {
    TestRequest request = TestRequest.plain();
    assertThat(
            statuses(
                request,
                List.of(
                    () -> request.secure = true,
                    () -> request.address = InetAddress.ofLiteral("198.51.100.7"),
                    () -> {},
                    () -> {})))
        .as("the second of a second is beyond its rate")
        .containsExactly(308, 403, 426, 429);
    assertThat(request.held).as("nothing is held for who is refused").isEmpty();
  }

  @Test
  void whatAPolicyDoesNotAskForIsNotAsked() {
    assertThat(RequestFilters.of(Policy.DEFAULT).size()).isEqualTo(3);
    assertThat(RequestFilters.of(STRICT).size()).isEqualTo(10);
  }

  @Test
  void openTunnelsAreAskedForWhatIsKeptOfThem() {
    TestRequest opener = TestRequest.handshake();
    opener.secure = true;
    opener.address = InetAddress.ofLiteral("198.51.100.7");
    RequestFilters filters = RequestFilters.of(STRICT);
    assertThat(filters.admitsStill(opener)).isTrue();
    opener.headers.set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, "other");
    assertThat(filters.admitsStill(opener)).as("its subprotocol").isFalse();
    opener.headers.set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, "chat");
    opener.headers.set(HttpHeaderNames.ORIGIN, "https://evil.test");
    assertThat(filters.admitsStill(opener)).as("its origin").isFalse();
    opener.headers.remove(HttpHeaderNames.ORIGIN);
    opener.secure = false;
    assertThat(filters.admitsStill(opener)).as("in the clear").isFalse();
    opener.secure = true;
    opener.address = InetAddress.ofLiteral("192.0.2.9");
    assertThat(filters.admitsStill(opener)).as("its address").isFalse();
    assertThat(opener.held).as("it holds what it holds").isEmpty();
    assertThat(
            RequestFilters.of(new TestPolicy().with(UpgradeMode.DENY).build()).admitsStill(opener))
        .isFalse();
  }
}
