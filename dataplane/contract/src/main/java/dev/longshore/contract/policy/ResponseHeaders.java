package dev.longshore.contract.policy;

import dev.longshore.contract.Field;
import java.util.Set;

/**
 * Edits on the way to the client.
 *
 * @param edits whose values are no secrets any more
 */
public record ResponseHeaders(HeaderEdits edits) implements PolicyPart {
  /** No edits. */
  public static final ResponseHeaders NONE = new ResponseHeaders(HeaderEdits.NONE);

  @Override
  public void check(Field at) {
    edits.check(at);
  }

  @Override
  public Set<String> features() {
    return edits.features();
  }
}
