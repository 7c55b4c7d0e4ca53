package dev.longshore.proxy.drain;

import java.util.List;

/**
 * Decides which endpoints of a pool give tunnels away, and how many: a plain function of what one
 * data plane sees, so that all of them together even out what each has.
 *
 * <p>It begins when an endpoint has more than the tolerance allows, and goes on to half the
 * tolerance: who stops at the very edge begins anew with the next client that comes. A tunnel that
 * was told to close counts as gone, and comes back to whoever is picked, mostly one with less.
 */
final class RebalancePlan {
  private static final double PERCENT = 100;

  private RebalancePlan() {}

  /**
   * An endpoint.
   *
   * @param tunnels open, those that were told to close not among them
   * @param share of what a full endpoint gets, by slow start: above 0, at most 1
   */
  record Load(int tunnels, double share) {}

  /**
   * What is to be done now.
   *
   * @param moves tunnels to close, of each endpoint
   * @param moving whether it has begun, and is not over
   */
  record Plan(List<Integer> moves, boolean moving) {
    Plan {
      moves = List.copyOf(moves);
    }
  }

  /**
   * Decides.
   *
   * @param loads of all endpoints
   * @param moving as the last plan said; at first false
   * @param tolerancePercent how far above the average an endpoint may stay
   * @param most tunnels to close in all
   */
  static Plan plan(List<Load> loads, boolean moving, int tolerancePercent, int most) {
    double tolerance = tolerancePercent / PERCENT;
    int[] excess = excess(loads, tolerance);
    boolean begin = moving || sum(excess) > 0;
    if (begin) {
      excess = excess(loads, tolerance / 2);
    }
    long all = sum(excess);
    Integer[] moves = new Integer[excess.length];
    long seen = 0;
    long given = 0;
    for (int i = 0; i < moves.length; i++) {
      seen += excess[i];
      // In proportion, and roundings don't add up.
      long part = all == 0 ? 0 : seen * Math.min(most, all) / all - given;
      given += part;
      moves[i] = (int) part;
    }
    return new Plan(List.of(moves), begin && all > 0);
  }

  private static int[] excess(List<Load> loads, double tolerance) {
    double shares = loads.stream().mapToDouble(Load::share).sum();
    long total = loads.stream().mapToLong(Load::tunnels).sum();
    return loads.stream()
        .mapToInt(
            load -> {
              if (load.share() < 1) {
                // It will be able to take more in a moment: nothing leaves it only to come back.
                return 0;
              }
              double target = total * load.share() / shares;
              double allowed = Math.max(Math.floor(target * (1 + tolerance)), Math.ceil(target));
              return (int) Math.max(0, load.tunnels() - allowed);
            })
        .toArray();
  }

  private static long sum(int[] numbers) {
    long sum = 0;
    for (int number : numbers) {
      sum += number;
    }
    return sum;
  }
}
