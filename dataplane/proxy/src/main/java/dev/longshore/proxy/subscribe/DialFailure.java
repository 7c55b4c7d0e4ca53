package dev.longshore.proxy.subscribe;

import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshakeException;
import java.net.ConnectException;
import java.nio.channels.ClosedChannelException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Says in words why a channel to an operator can't be had, and what would help. */
final class DialFailure {
  private DialFailure() {}

  static String of(Throwable cause) {
    return switch (cause) {
      case DecoderException wrapped when wrapped.getCause() != null -> of(wrapped.getCause());
      case WebSocketClientHandshakeException refused -> refused(refused.response(), refused);
      case ConnectTimeoutException _ -> "does not answer; is there a NetworkPolicy in the way?";
      case ConnectException _ -> "refuses the connection; it may be starting";
      case SSLException tls when plain(deepest(tls)).startsWith("Connection closed") ->
          "closes the connection before TLS; it may have no certificate yet";
      case ClosedChannelException _ ->
          "closes the connection before TLS; it may have no certificate yet";
      case SSLException tls ->
          "TLS fails ("
              + plain(deepest(tls))
              + "); --operator-ca has to be the bundle that the operator writes, and the host of"
              + " --operator a name of its certificate";
      default -> plain(cause);
    };
  }

  static String of(CloseWebSocketFrame close) {
    String reason = plain(close.reasonText());
    return "closed the channel with "
        + close.statusCode()
        + (reason.isEmpty() ? "" : " (" + reason + ")");
  }

  private static String refused(@Nullable HttpResponse response, Throwable cause) {
    if (response == null) {
      return plain(cause);
    }
    int status = response.status().code();
    return switch (status) {
      case 401 ->
          "answers 401: it does not accept the token (--token); its audience has to be"
              + " longshore-push, and it must not be expired";
      case 403 ->
          "answers 403: the token is not of the service account that data planes run as"
              + " (--dataplane-service-account of the operator)";
      case 503 -> "answers 503: it is not ready yet";
      default -> "answers " + status + " to the handshake; is --operator the operator's push port?";
    };
  }

  private static Throwable deepest(Throwable cause) {
    Throwable deepest = cause;
    for (int depth = 0; depth < 8 && deepest.getCause() != null; depth++) {
      deepest = deepest.getCause();
    }
    return deepest;
  }

  private static String plain(Throwable cause) {
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : plain(message);
  }

  /** In one line, whoever wrote it. */
  static String plain(String text) {
    StringBuilder line = new StringBuilder();
    text.codePoints()
        .limit(400)
        .map(c -> c < ' ' || c == 0x7f || (c >= 0x80 && c < 0xa0) ? '?' : c)
        .forEach(line::appendCodePoint);
    return line.toString();
  }
}
