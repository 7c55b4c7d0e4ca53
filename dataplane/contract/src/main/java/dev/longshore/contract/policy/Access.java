package dev.longshore.contract.policy;

import dev.longshore.contract.Cidr;
import dev.longshore.contract.Field;
import java.util.List;

/**
 * Which client addresses may pass, after trusted proxies. Deny beats allow.
 *
 * @param allow empty: everybody who is not denied
 * @param deny always refused
 */
public record Access(List<Cidr> allow, List<Cidr> deny) implements PolicyPart {
  /** Everybody. */
  public static final Access ANY = new Access(List.of(), List.of());

  private static final int MOST = 256;

  public Access {
    allow = List.copyOf(allow);
    deny = List.copyOf(deny);
  }

  @Override
  public void check(Field at) {
    at.at("allow").ranges(allow, MOST);
    at.at("deny").ranges(deny, MOST);
  }
}
