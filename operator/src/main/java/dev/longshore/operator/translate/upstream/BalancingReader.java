package dev.longshore.operator.translate.upstream;

import dev.longshore.api.v1alpha1.Upstream;
import dev.longshore.api.v1alpha1.Upstream.HashSource;
import dev.longshore.api.v1alpha1.Upstream.LoadBalancing;
import dev.longshore.contract.UpstreamPool.Balancing;
import dev.longshore.contract.UpstreamPool.HashOn;
import dev.longshore.contract.UpstreamPool.HashType;
import dev.longshore.contract.UpstreamPool.Rebalance;
import dev.longshore.operator.translate.field.Fields;
import dev.longshore.operator.translate.field.Names;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads how a pool's endpoints are chosen, and how tunnels are moved between them. */
final class BalancingReader {
  private static final Duration SLOW_START = Duration.ofSeconds(30);
  private static final String HASH_ON = "loadBalancing.hashOn";

  private final Upstream upstream;
  private final @Nullable LoadBalancing balancing;
  private final Fields fields;

  BalancingReader(Upstream upstream, Fields fields) {
    this.upstream = upstream;
    this.balancing = upstream.loadBalancing();
    this.fields = fields;
  }

  Balancing policy() {
    return switch (balancing == null ? null : balancing.policy()) {
      case null -> Balancing.LEAST_CONNECTIONS;
      case LEAST_CONNECTIONS -> Balancing.LEAST_CONNECTIONS;
      case ROUND_ROBIN -> Balancing.ROUND_ROBIN;
      case RANDOM -> Balancing.RANDOM;
      case CONSISTENT_HASH -> Balancing.CONSISTENT_HASH;
    };
  }

  Duration slowStart() {
    return fields.duration(
        "loadBalancing.slowStart",
        balancing == null ? null : balancing.slowStart(),
        SLOW_START,
        Duration.ZERO);
  }

  /** What is hashed; null when nothing is, or with a fault. */
  @Nullable HashOn hashOn() {
    Upstream.HashOn hashOn = balancing == null ? null : balancing.hashOn();
    boolean hashes = policy() == Balancing.CONSISTENT_HASH;
    if (hashOn == null) {
      if (hashes) {
        fields.wrong(HASH_ON, "is missing: loadBalancing.policy ConsistentHash needs it");
      }
      return null;
    }
    if (!hashes) {
      fields.wrong(
          HASH_ON, "goes with loadBalancing.policy ConsistentHash only: write that, or remove it");
      return null;
    }
    HashType type =
        switch (hashOn.type()) {
          case null -> null;
          case HEADER -> HashType.HEADER;
          case COOKIE -> HashType.COOKIE;
          case QUERY -> HashType.QUERY;
          case CLIENT_IP -> HashType.CLIENT_IP;
        };
    if (type == null) {
      fields.wrong(HASH_ON + ".type", "is missing: write Header, Cookie, Query or ClientIP");
      return null;
    }
    return new HashOn(type, name(hashOn));
  }

  private @Nullable String name(Upstream.HashOn hashOn) {
    String name = hashOn.name();
    if (hashOn.type() == HashSource.CLIENT_IP) {
      if (name != null) {
        fields.wrong(HASH_ON + ".name", "goes with Header, Cookie and Query only: remove it");
      }
      return null;
    }
    String token =
        fields
            .problems()
            .parse(
                fields.path().apply(HASH_ON + ".name"),
                () -> Names.token(Objects.requireNonNullElse(name, "")));
    return token != null && hashOn.type() == HashSource.HEADER
        ? token.toLowerCase(Locale.ROOT)
        : token;
  }

  /** How tunnels move; null: they stay. */
  @Nullable Rebalance rebalance() {
    Upstream.Rebalance rebalance = upstream.rebalance();
    if (rebalance == null) {
      return null;
    }
    if (upstream.affinity() != null) {
      fields.wrong("rebalance", "would break affinity: remove one of them");
    }
    if (policy() == Balancing.CONSISTENT_HASH) {
      fields.wrong(
          "rebalance",
          "would break ConsistentHash: remove it or choose another loadBalancing.policy");
    }
    return new Rebalance(
        fields.number("rebalance.maxPerSecond", rebalance.maxPerSecond(), 50, 1, 100_000),
        fields.number("rebalance.tolerancePercent", rebalance.tolerancePercent(), 10, 1, 100));
  }
}
