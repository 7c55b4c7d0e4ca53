package dev.longshore.proxy.filter;

import dev.longshore.contract.HardLimits;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.answer.Reason;
import dev.longshore.proxy.fields.Tokens;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.util.List;

/** What asks for a WebSocket has to be a handshake (RFC 6455 §4.2.1), whatever the policy. */
final class HandshakeFilter implements RequestFilter {
  static final RequestFilter INSTANCE = new HandshakeFilter();

  private static final int KEY_LENGTH = 24;

  private static final Verdict NO_GET = malformed("a WebSocket handshake is a GET");
  private static final Verdict BODY = malformed("a WebSocket handshake has no body");
  private static final Verdict KEY = malformed("Sec-WebSocket-Key has to be 16 bytes in base64");
  private static final Verdict OFFERS = malformed("there are more offers than anybody can mean");
  private static final Verdict VERSION =
      new Verdict.Answer(
          LocalAnswer.upgradeRequired("the version of the WebSocket protocol has to be 13"));

  private HandshakeFilter() {}

  @Override
  public Verdict test(FilterRequest request) {
    if (!request.websocket()) {
      return Verdict.PASS;
    }
    if (!HttpMethod.GET.equals(request.method())) {
      return NO_GET;
    }
    if (request.hasBody()) {
      return BODY;
    }
    HttpHeaders headers = request.headers();
    List<String> versions = headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_VERSION);
    if (versions.size() != 1 || !versions.getFirst().equals("13")) {
      return VERSION;
    }
    List<String> keys = headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_KEY);
    if (keys.size() != 1 || !isKey(keys.getFirst())) {
      return KEY;
    }
    return tooMany(headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL))
            || tooMany(headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS))
        ? OFFERS
        : Verdict.PASS;
  }

  private static boolean tooMany(List<String> offers) {
    return Tokens.exceed(offers, HardLimits.LIST_MEMBERS);
  }

  /** Whether it is 16 bytes in base64. */
  static boolean isKey(String key) {
    if (key.length() != KEY_LENGTH || !key.endsWith("==")) {
      return false;
    }
    for (int i = 0; i < KEY_LENGTH - 2; i++) {
      char c = key.charAt(i);
      boolean letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
      if (!letter && !(c >= '0' && c <= '9') && c != '+' && c != '/') {
        return false;
      }
    }
    return true;
  }

  private static Verdict malformed(String detail) {
    return new Verdict.Answer(LocalAnswer.malformed(detail).because(Reason.HANDSHAKE));
  }
}
