package dev.longshore.contract.policy;

import dev.longshore.contract.Field;
import dev.longshore.contract.HardLimits;
import java.nio.charset.StandardCharsets;

/**
 * What a rule answers that asks no upstream. It is a part of the policy, so that it stands in a
 * snapshot once, however many hosts and paths are answered so.
 *
 * @param status 200 to 299, or 400 to 599; 0: none
 * @param contentType of the body; empty: there is no body
 * @param body as it is sent, in UTF-8
 */
public record FixedAnswer(int status, String contentType, String body) implements PolicyPart {
  /** There is none: the rule asks somebody else. */
  public static final FixedAnswer NONE = new FixedAnswer(0, "", "");

  /** Whether a status is one that can be answered so. */
  public static boolean isStatus(int status) {
    return (status >= 200 && status <= 299) || (status >= 400 && status <= 599);
  }

  /** Whether an answer of a status has no body (RFC 9110 §15.3.5 and §15.3.6). */
  public static boolean isBodiless(int status) {
    return status == 204 || status == 205;
  }

  @Override
  public void check(Field at) {
    if (!isStatus(status)) {
      at.at("status").mustBe("200 to 299 or 400 to 599", status);
    }
    if (isBodiless(status) && !body.isEmpty()) {
      at.at("body").wrong("stands beside status " + status + ", whose answers have none");
    }
    if (!body.isEmpty() && contentType.isEmpty()) {
      at.at("contentType").wrong("is empty beside a body");
    }
    at.at("contentType").headerValue(contentType);
    if (body.length() > HardLimits.FIXED_ANSWER_BYTES
        || body.getBytes(StandardCharsets.UTF_8).length > HardLimits.FIXED_ANSWER_BYTES) {
      at.at("body").wrong("has more than %,d bytes".formatted(HardLimits.FIXED_ANSWER_BYTES));
    }
  }

  /** Without the body, which may be long. */
  @Override
  public String toString() {
    return "FixedAnswer[" + status + ", " + contentType + ", " + body.length() + " characters]";
  }
}
