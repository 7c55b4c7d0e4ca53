package dev.longshore.proxy.dial;

import dev.longshore.proxy.fields.ConnectionOptions;
import dev.longshore.proxy.http1.KeepAliveField;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What an answer says of the connection behind it (RFC 9112 §9.3). */
final class AnswerPersistence {
  private boolean persists;
  private @Nullable Duration most;

  /**
   * Reads the head of a final answer.
   *
   * @param toHead whether it is to a HEAD
   */
  void of(HttpResponse answer, boolean toHead) {
    HttpHeaders fields = answer.headers();
    int status = answer.status().code();
    boolean delimited =
        toHead
            || status == 204
            || status == 304
            || fields.contains(HttpHeaderNames.TRANSFER_ENCODING)
            || fields.contains(HttpHeaderNames.CONTENT_LENGTH);
    ConnectionOptions options = ConnectionOptions.of(fields);
    most = KeepAliveField.timeout(fields);
    persists =
        delimited
            && !options.close()
            && (answer.protocolVersion().equals(HttpVersion.HTTP_1_1) || options.keepAlive());
  }

  /** Whether the server leaves it open. */
  boolean persists() {
    return persists;
  }

  /** How long it says that it does; null: it doesn't say. */
  @Nullable Duration most() {
    return most;
  }
}
