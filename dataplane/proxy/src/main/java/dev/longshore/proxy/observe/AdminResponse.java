package dev.longshore.proxy.observe;

import java.nio.charset.StandardCharsets;

/**
 * What an admin page answers.
 *
 * @param status HTTP status
 * @param contentType with its charset
 * @param body encoded
 */
@SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
public record AdminResponse(int status, String contentType, byte[] body) {
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final String JSON = "application/json; charset=utf-8";

  /** Plain text. */
  public static AdminResponse text(int status, String text) {
    return new AdminResponse(status, TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  /** JSON with status 200. */
  public static AdminResponse json(byte[] body) {
    return new AdminResponse(200, JSON, body);
  }
}
