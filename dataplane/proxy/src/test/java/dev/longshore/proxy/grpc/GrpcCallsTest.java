package dev.longshore.proxy.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrpcCallsTest {
  private static HttpHeaders head(String name, String value) {
    return new DefaultHttpHeaders().set(name, value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/grpc",
        "application/grpc+proto",
        "Application/GRPC+json",
        "application/grpc;charset=utf-8",
        "application/grpc ; x=y"
      })
  void calls(String type) {
    assertThat(GrpcCalls.isOne(head("content-type", type))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/grpc-web",
        "application/grpc-web+proto",
        "application/grpc-web-text",
        "application/grpcx",
        "application/json",
        "application/grp",
        ""
      })
  void others(String type) {
    assertThat(GrpcCalls.isOne(head("content-type", type))).isFalse();
  }

  @Test
  void aHeadWithoutATypeIsNone() {
    assertThat(GrpcCalls.isOne(new DefaultHttpHeaders())).isFalse();
    assertThat(GrpcCalls.timeout(new DefaultHttpHeaders())).isNull();
  }

  private static @Nullable Duration timeout(String text) {
    return GrpcCalls.timeout(head("grpc-timeout", text));
  }

  @ParameterizedTest
  @CsvSource({
    "1H,PT1H",
    "2M,PT2M",
    "3S,PT3S",
    "100m,PT0.1S",
    "5u,PT0.000005S",
    "99999999n,PT0.099999999S",
    "99999999H,PT99999999H",
    "0S,PT0.000000001S"
  })
  void timeouts(String text, Duration meant) {
    assertThat(timeout(text)).isEqualTo(meant);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "S", "1", "1s", "123456789S", "-1S", "+1S", "1 S", "1SS", "１S"})
  void noTimeouts(String text) {
    assertThat(timeout(text)).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "400,INTERNAL",
    "401,UNAUTHENTICATED",
    "403,PERMISSION_DENIED",
    "404,UNIMPLEMENTED",
    "408,DEADLINE_EXCEEDED",
    "413,RESOURCE_EXHAUSTED",
    "421,UNAVAILABLE",
    "426,FAILED_PRECONDITION",
    "429,RESOURCE_EXHAUSTED",
    "431,RESOURCE_EXHAUSTED",
    "501,UNIMPLEMENTED",
    "502,UNAVAILABLE",
    "503,UNAVAILABLE",
    "504,DEADLINE_EXCEEDED",
    "508,INTERNAL",
    "418,UNKNOWN"
  })
  void statuses(int http, GrpcStatus meant) {
    assertThat(GrpcStatus.of(HttpResponseStatus.valueOf(http))).isEqualTo(meant);
  }

  @Test
  void wordsArePercentEncoded() {
    assertThat(GrpcStatus.encoded("no 5% ü\r\n")).isEqualTo("no 5%25 %C3%BC%0D%0A");
    HttpHeaders fields = GrpcStatus.UNAVAILABLE.fields("a b");
    assertThat(fields.get("grpc-status")).isEqualTo("14");
    assertThat(fields.get("grpc-message")).isEqualTo("a b");
  }

  @Test
  void whatIsNoNumberOfAStatusIsUnknown() {
    assertThat(GrpcStatus.codeOf("0")).isZero();
    assertThat(GrpcStatus.codeOf("16")).isEqualTo(16);
    for (String text : List.of("", "17", "-1", "x", "007", "1x", "99")) {
      assertThat(GrpcStatus.codeOf(text)).as(text).isEqualTo(2);
    }
  }
}
