package dev.longshore.proxy.handshake;

import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.contract.HardLimits;
import dev.longshore.proxy.http.ClientRequest;
import dev.longshore.proxy.fields.Tokens;
import dev.longshore.proxy.answer.Reason;
import dev.longshore.proxy.route.CompiledPolicy;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a client's handshake offers, after the policy.
 *
 * @param key Sec-WebSocket-Key
 * @param subprotocols those that may be agreed, in the client's order
 * @param extensions as offered, with their parameters
 */
record Offer(String key, List<String> subprotocols, List<String> extensions) {

  /** Either an offer or a refusal. */
  sealed interface Result {
    /** A valid handshake. */
    record Valid(Offer offer) implements Result {}

    /** Not one, or one that the policy leaves nothing of. */
    record Refused(LocalAnswer refusal) implements Result {}
  }

  /**
   * Reads a handshake (RFC 6455 §4.2.1).
   *
   * @param policy says which subprotocols may be spoken
   */
  static Result read(ClientRequest request, CompiledPolicy policy) {
    HttpHeaders headers = request.headers();
    if (!HttpMethod.GET.equals(request.method())) {
      return refused("a WebSocket handshake is a GET");
    }
    if (request.hasBody()) {
      return refused("a WebSocket handshake has no body");
    }
    List<String> versions = headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_VERSION);
    if (versions.size() != 1 || !versions.getFirst().equals("13")) {
      return new Result.Refused(
          LocalAnswer.upgradeRequired("the version of the WebSocket protocol has to be 13"));
    }
    List<String> keys = headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_KEY);
    if (keys.size() != 1 || !AcceptKey.isValid(keys.getFirst())) {
      return refused("Sec-WebSocket-Key has to be 16 bytes in base64");
    }
    if (Tokens.exceed(
            headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL), HardLimits.LIST_MEMBERS)
        || Tokens.exceed(
            headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS), HardLimits.LIST_MEMBERS)) {
      return refused("there are more offers than anybody can mean");
    }
    List<String> subprotocols = membersOf(headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL));
    if (!subprotocols.isEmpty()) {
      List<String> left = new ArrayList<>(subprotocols);
      left.removeIf(offered -> !policy.permitsSubprotocol(offered));
      if (left.isEmpty()) {
        return refused("none of the offered subprotocols is allowed here");
      }
      subprotocols = left;
    }
    List<String> extensions = membersOf(headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS));
    return new Result.Valid(new Offer(keys.getFirst(), subprotocols, extensions));
  }

  /** The subprotocols as a header value; null when there are none. */
  @Nullable String subprotocolsField() {
    return field(subprotocols);
  }

  /** The extensions as a header value; null when there are none. */
  @Nullable String extensionsField() {
    return field(extensions);
  }

  private static @Nullable String field(List<String> members) {
    return switch (members.size()) {
      case 0 -> null;
      case 1 -> members.getFirst();
      default -> String.join(", ", members);
    };
  }

  private static List<String> membersOf(List<String> values) {
    return values.isEmpty() ? List.of() : Tokens.of(values);
  }

  private static Result refused(String detail) {
    return new Result.Refused(LocalAnswer.malformed(detail).because(Reason.HANDSHAKE));
  }
}
