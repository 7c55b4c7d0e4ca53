package dev.longshore.process.admin;

import java.nio.charset.StandardCharsets;
import java.util.List;

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

  /**
   * What {@code /livez} answers.
   *
   * @param troubles in words; empty: the process is live
   */
  public static AdminResponse liveness(List<String> troubles) {
    return troubles.isEmpty()
        ? text(200, "ok\n")
        : text(503, "not live: " + String.join("\nnot live: ", troubles) + "\n");
  }

  /** JSON with status 200. */
  public static AdminResponse json(byte[] body) {
    return new AdminResponse(200, JSON, body);
  }
}
