package dev.longshore.contract.policy;

import dev.longshore.contract.Field;

/** What requests in the clear get. */
public enum InsecureMode implements PolicyPart {
  /** The same as over TLS; always so on a host that nobody wants TLS for. */
  ALLOW,
  /** 308 to https; upgrades get 403, for what they carry would have been sent already. */
  REDIRECT;

  @Override
  public void check(Field at) {}
}
