package dev.longshore.contract.policy;

import dev.longshore.contract.Field;
import java.util.List;

/**
 * Whose pages may connect.
 *
 * @param values of Origin, such as {@code https://*.example.com}; empty: not checked
 */
public record AllowedOrigins(List<String> values) implements PolicyPart {
  /** Origins are not checked. */
  public static final AllowedOrigins ANY = new AllowedOrigins(List.of());

  private static final int MOST = 128;

  public AllowedOrigins {
    values = List.copyOf(values);
  }

  @Override
  public void check(Field at) {
    at.atMost(values, MOST);
    for (int i = 0; i < values.size(); i++) {
      at.at(i).origin(values.get(i));
    }
  }
}
