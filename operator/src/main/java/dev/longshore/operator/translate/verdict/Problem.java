package dev.longshore.operator.translate.verdict;

import dev.longshore.contract.KeyedHash;

/**
 * Something about a resource that its owner should know; becomes an Event.
 *
 * @param severity whether something is not as the manifest wants it
 * @param reason one word for programs: a condition reason such as {@code PortNotFound}
 * @param fieldPath where, such as {@code spec.locations[0].path}
 * @param message what is wrong and what would be right; at most 1024 characters, without control
 *     characters
 */
public record Problem(Severity severity, String reason, String fieldPath, String message) {

  private static final int LONGEST_MESSAGE = 1024;
  private static final int LONGEST_PATH = 256;

  public Problem {
    fieldPath = bounded(fieldPath, LONGEST_PATH);
    message = bounded(message, LONGEST_MESSAGE);
  }

  /** Something is not as the manifest wants it. */
  public static Problem warning(Reason reason, String fieldPath, String message) {
    return new Problem(Severity.WARNING, reason.label(), fieldPath, message);
  }

  /** Something is good to know. */
  public static Problem note(Reason reason, String fieldPath, String message) {
    return new Problem(Severity.NORMAL, reason.label(), fieldPath, message);
  }

  /** As the types of Kubernetes Events. */
  public enum Severity {
    /** Good to know. */
    NORMAL("Normal"),
    /** Something is not served, or not as the manifest wants it. */
    WARNING("Warning");

    private final String label;

    Severity(String label) {
      this.label = label;
    }

    /** {@code Normal} or {@code Warning}. */
    public String label() {
      return label;
    }
  }

  /** The field path and the message, as one sentence. */
  public String text() {
    return fieldPath + ": " + message;
  }

  private static String bounded(String text, int longest) {
    String shown = Quote.printable(text);
    return shown.length() <= longest ? shown : shown.substring(0, longest - 1) + "…";
  }

  /** Keyed: tenants choose the names. */
  @Override
  public int hashCode() {
    return KeyedHash.mix(KeyedHash.of(reason, fieldPath, message), severity.ordinal());
  }
}
