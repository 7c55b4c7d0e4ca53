package dev.longshore.contract.policy;

import dev.longshore.contract.Field;

/**
 * How often one client, an address behind trusted proxies or an IPv6 /64, may make plain requests
 * at the location, on one data plane.
 *
 * @param perSecondPerClient 0: as often as it likes
 * @param burst how many of them may come at once; at least 1 where there is a rate
 */
public record RequestRate(int perSecondPerClient, int burst) implements PolicyPart {
  /** As often as clients like. */
  public static final RequestRate NONE = new RequestRate(0, 0);

  private static final int MOST = 100_000_000;

  @Override
  public void check(Field at) {
    at.at("perSecondPerClient").within(perSecondPerClient, 0, MOST);
    at.at("burst").within(burst, 0, MOST);
    at.at("burst").burst(perSecondPerClient, burst);
  }
}
