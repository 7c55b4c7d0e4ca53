package dev.longshore.operator.translate.verdict;

/** What a condition of a resource is about. */
public enum ConditionType {
  /** Understood and served. */
  ACCEPTED("Accepted"),
  /** Every reference exists and may be used. */
  RESOLVED_REFS("ResolvedRefs"),
  /** Every pool has a ready endpoint. */
  ENDPOINTS_READY("EndpointsReady");

  private final String label;

  ConditionType(String label) {
    this.label = label;
  }

  /** As the status of a resource says it. */
  public String label() {
    return label;
  }
}
