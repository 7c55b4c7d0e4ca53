package dev.longshore.operator.translate;

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
}
