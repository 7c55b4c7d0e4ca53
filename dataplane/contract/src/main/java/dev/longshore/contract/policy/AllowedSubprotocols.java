package dev.longshore.contract.policy;

import dev.longshore.contract.Field;
import java.util.List;

/**
 * WebSocket subprotocols that may be offered.
 *
 * @param names case-sensitive; empty: not checked
 */
public record AllowedSubprotocols(List<String> names) implements PolicyPart {
  /** Subprotocols are not checked. */
  public static final AllowedSubprotocols ANY = new AllowedSubprotocols(List.of());

  private static final int MOST = 64;

  public AllowedSubprotocols {
    names = List.copyOf(names);
  }

  @Override
  public void check(Field at) {
    at.atMost(names, MOST);
    for (int i = 0; i < names.size(); i++) {
      at.at(i).token(names.get(i));
    }
  }
}
