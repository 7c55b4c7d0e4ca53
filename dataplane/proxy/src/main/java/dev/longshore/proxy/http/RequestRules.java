package dev.longshore.proxy.http;

import dev.longshore.proxy.answer.LocalAnswer;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is refused of a request before any rule is asked, whatever protocol it comes by. */
public final class RequestRules {
  private RequestRules() {}

  /**
   * Why a request can't be served by any route; null: nothing speaks against it.
   *
   * @param http10 whether its version has no Expect (RFC 9110 §10.1.1)
   */
  public static @Nullable LocalAnswer refusal(
      HttpMethod method, HttpHeaders fields, boolean http10) {
    if (HttpMethod.CONNECT.equals(method) || HttpMethod.TRACE.equals(method)) {
      return HttpAnswers.notImplemented(method.name());
    }
    if (!http10) {
      List<String> expected = fields.getAll(HttpHeaderNames.EXPECT);
      if (!expected.isEmpty()
          && (expected.size() > 1
              || !HttpHeaderValues.CONTINUE.contentEqualsIgnoreCase(expected.getFirst()))) {
        return HttpAnswers.EXPECTATION_FAILED;
      }
    }
    return null;
  }
}
