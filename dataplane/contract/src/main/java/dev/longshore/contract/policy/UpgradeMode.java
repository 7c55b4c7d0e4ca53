package dev.longshore.contract.policy;

import dev.longshore.contract.Field;

/** Which requests may pass. */
public enum UpgradeMode implements PolicyPart {
  /** WebSocket and plain HTTP. */
  ALLOW,
  /** WebSocket only; plain HTTP gets 426. */
  REQUIRE,
  /** Plain HTTP only; upgrades get 403. */
  DENY;

  @Override
  public void check(Field at) {}
}
