package dev.longshore.operator.translate.route;

import dev.longshore.api.v1alpha1.Location;
import dev.longshore.api.v1alpha1.Location.WeightedUpstream;
import dev.longshore.api.v1alpha1.Upstream;
import dev.longshore.contract.PoolKey;
import dev.longshore.contract.RuleAction.WeightedPool;
import dev.longshore.operator.translate.claim.ClaimsBuilder;
import dev.longshore.operator.translate.claim.PoolClaim;
import dev.longshore.operator.translate.field.Names;
import dev.longshore.operator.translate.upstream.UpstreamReader;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The upstreams of one WebSocketRoute, and how its locations name them. */
final class RouteUpstreams {
  private static final int MOST_UPSTREAMS = 64;
  private static final int MOST_SPLIT = 16;

  private final ClaimsBuilder claims;
  private final UpstreamReader reader;
  private final Map<String, Problems> problemsByName = new HashMap<>();

  RouteUpstreams(ClaimsBuilder claims, UpstreamReader reader) {
    this.claims = claims;
    this.reader = reader;
  }

  /**
   * Reads all of them into pools that are claimed.
   *
   * @param stated in {@code spec.upstreams}; null: none, as of a route that only answers
   * @param whole hears what concerns every rule
   */
  void read(@Nullable List<Upstream> stated, Problems whole) {
    List<Upstream> upstreams = Objects.requireNonNullElse(stated, List.of());
    if (stated != null) {
      int size = upstreams.size();
      if (size < 1 || size > MOST_UPSTREAMS) {
        whole.fault(
            Reason.INVALID,
            "spec.upstreams",
            "has " + size + " items: from 1 to " + MOST_UPSTREAMS);
      }
    }
    for (int i = 0; i < Math.min(MOST_UPSTREAMS, upstreams.size()); i++) {
      Upstream upstream = upstreams.get(i);
      String path = "spec.upstreams[" + i + "]";
      String name = Objects.requireNonNullElse(upstream.name(), "");
      Problems problems = new Problems();
      problems.parse(path + ".name", () -> Names.label(name));
      PoolClaim pool =
          reader.read(claims.poolKey(name), upstream, field -> path + "." + field, problems);
      Problems earlier = problemsByName.get(name);
      if (earlier != null) {
        problems.fault(
            Reason.INVALID,
            path + ".name",
            Quote.of(name) + " is the name of two upstreams: give each its own");
        earlier.addAll(problems);
      } else {
        problemsByName.put(name, problems);
      }
      if (problems.hasFault() || pool == null) {
        claims.unresolved(path);
      } else {
        claims.pool(pool);
      }
      claims.problems().addAll(problems);
    }
  }

  /** Where a location forwards to, by weight. */
  List<WeightedPool> backends(Location location, String path, Problems problems) {
    String upstream = location.upstream();
    return upstream != null
        ? List.of(new WeightedPool(pool(upstream, path + ".upstream", problems), 1))
        : split(Objects.requireNonNull(location.split()), path + ".split", problems);
  }

  private List<WeightedPool> split(List<WeightedUpstream> split, String path, Problems problems) {
    if (split.isEmpty() || split.size() > MOST_SPLIT) {
      problems.fault(
          Reason.INVALID, path, "has " + split.size() + " items: from 1 to " + MOST_SPLIT);
      return List.of();
    }
    List<WeightedPool> pools = new ArrayList<>();
    Set<String> names = new HashSet<>();
    long sum = 0;
    for (int i = 0; i < split.size(); i++) {
      String at = path + "[" + i + "]";
      String name = Objects.requireNonNullElse(split.get(i).upstream(), "");
      int weight = Objects.requireNonNullElse(split.get(i).weight(), -1);
      if (weight < 0 || weight > 1_000_000) {
        problems.fault(
            Reason.INVALID, at + ".weight", "is missing or out of bounds: from 0 to 1000000");
        continue;
      }
      if (!names.add(name)) {
        problems.fault(
            Reason.INVALID,
            at + ".upstream",
            Quote.of(name) + " is in the split twice: add the weights");
        continue;
      }
      sum += weight;
      pools.add(new WeightedPool(pool(name, at + ".upstream", problems), weight));
    }
    if (sum == 0) {
      problems.fault(Reason.INVALID, path, "at least one weight must be above 0");
    }
    return pools;
  }

  private PoolKey pool(String name, String path, Problems problems) {
    Problems upstream = problemsByName.get(name);
    if (upstream == null) {
      problems.fault(
          Reason.INVALID, path, Quote.of(name) + " is not the name of one of spec.upstreams");
    } else {
      problems.addAll(upstream);
    }
    return claims.poolKey(name);
  }
}
