package dev.longshore.contract.policy;

import dev.longshore.contract.Field;
import java.util.Set;

/**
 * Edits on the way upstream.
 *
 * @param edits whose values may be secret
 */
public record RequestHeaders(HeaderEdits edits) implements PolicyPart {
  /** No edits. */
  public static final RequestHeaders NONE = new RequestHeaders(HeaderEdits.NONE);

  @Override
  public void check(Field at) {
    edits.check(at);
  }

  @Override
  public Set<String> features() {
    return edits.features();
  }
}
