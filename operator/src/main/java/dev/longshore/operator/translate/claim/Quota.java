package dev.longshore.operator.translate.claim;

import org.jspecify.annotations.Nullable;

/**
 * What the resources of one namespace may come to together.
 *
 * @param rules hosts times locations
 * @param pools upstreams
 * @param endpoints of all pools: an endpoint of two pools counts twice, for each keeps its state
 * @param certificates references to Secrets and ConfigMaps with certificates
 * @param bytes of the entries of a snapshot in their canonical form
 */
public record Quota(long rules, long pools, long endpoints, long certificates, long bytes) {
  /** For a namespace of a cluster: what a tenant with thousands of routes does not meet. */
  public static final Quota CLUSTER = new Quota(20_000, 20_000, 100_000, 2_000, 64L << 20);

  /** For a folder, whose manifests are those of one user. */
  public static final Quota STANDALONE = new Quota(250_000, 250_000, 1_000_000, 50_000, 512L << 20);

  private static final int WARN_PERCENT = 80;

  /** What a resource alone comes to, or several together. */
  public record Use(long rules, long pools, long endpoints, long certificates, long bytes) {
    /** Nothing at all. */
    public static final Use NONE = new Use(0, 0, 0, 0, 0);

    /** Both together. */
    public Use plus(Use other) {
      return new Use(
          rules + other.rules,
          pools + other.pools,
          endpoints + other.endpoints,
          certificates + other.certificates,
          bytes + other.bytes);
    }

    /** The same with another count of endpoints. */
    public Use withEndpoints(long other) {
      return new Use(rules, pools, other, certificates, bytes);
    }

    /** The larger one, part by part. */
    public Use max(Use other) {
      return new Use(
          Math.max(rules, other.rules),
          Math.max(pools, other.pools),
          Math.max(endpoints, other.endpoints),
          Math.max(certificates, other.certificates),
          Math.max(bytes, other.bytes));
    }

    /** What is left when the other goes. */
    public Use minus(Use other) {
      return new Use(
          rules - other.rules,
          pools - other.pools,
          endpoints - other.endpoints,
          certificates - other.certificates,
          bytes - other.bytes);
    }
  }

  /** One bound and what is used of it. */
  public record Part(String field, long used, long most) {}

  /** The first bound that is passed; null: none is. */
  public @Nullable Part passed(Use use) {
    for (Part part : parts(use)) {
      if (part.used > part.most) {
        return part;
      }
    }
    return null;
  }

  /** The first bound that is nearly reached; null: none is. */
  public @Nullable Part nearly(Use use) {
    for (Part part : parts(use)) {
      if (part.used * 100 >= part.most * WARN_PERCENT && part.used > 0) {
        return part;
      }
    }
    return null;
  }

  /** The bound of which most is used. */
  public Part fullest(Use use) {
    Part fullest = new Part("rules", use.rules, rules);
    for (Part part : parts(use)) {
      if ((double) part.used * fullest.most > (double) fullest.used * part.most) {
        fullest = part;
      }
    }
    return fullest;
  }

  private Part[] parts(Use use) {
    return new Part[] {
      new Part("rules", use.rules, rules),
      new Part("pools", use.pools, pools),
      new Part("endpoints", use.endpoints, endpoints),
      new Part("certificates", use.certificates, certificates),
      new Part("bytes", use.bytes, bytes)
    };
  }
}
