package dev.longshore.contract.policy;

import dev.longshore.contract.Field;

/** What encoded slashes and backslashes, {@code %2F} and {@code %5C}, in a path get. */
public enum EncodedSlashes implements PolicyPart {
  /** They pass unchanged, as characters of their element; 400 where they'd make a dot segment. */
  ALLOW,
  /** 400. */
  REJECT;

  @Override
  public void check(Field at) {}
}
