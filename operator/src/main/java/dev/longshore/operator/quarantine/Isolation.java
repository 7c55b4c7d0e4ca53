package dev.longshore.operator.quarantine;

import dev.longshore.contract.Certificate.CertificateKey;
import dev.longshore.contract.EndpointSet;
import dev.longshore.contract.EndpointSetKey;
import dev.longshore.contract.EntryRef;
import dev.longshore.contract.LocationRule;
import dev.longshore.contract.Matches;
import dev.longshore.contract.PathType;
import dev.longshore.contract.PoolKey;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleAction.Served;
import dev.longshore.contract.RuleAction.Unavailable;
import dev.longshore.contract.RuleAction.WeightedPool;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.Settings;
import dev.longshore.contract.SnapshotBuilder;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.contract.UpstreamTls;
import dev.longshore.contract.policy.Policy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot without the entries that a data plane refused: whatever depended on them answers 503,
 * and nothing is more open than before. Pure but for its own building; one for each snapshot.
 */
final class Isolation {
  /** The reason of rules that are closed. */
  static final String REASON = "Rejected";

  private final RoutingSnapshot source;
  private final SnapshotBuilder builder;
  private final Map<RuleKey, HeldRule> held = new HashMap<>();
  private final Map<PoolKey, String> pools = new HashMap<>();
  private final Map<String, String> policies = new HashMap<>();
  private final Map<String, String> credentials = new HashMap<>();
  private final Map<String, LocationRule> hosts = new HashMap<>();
  private final Map<String, String> hostReasons = new HashMap<>();
  private boolean settingsNeeded;

  Isolation(RoutingSnapshot source) {
    this.source = source;
    this.builder = SnapshotBuilder.from(source);
  }

  /**
   * Takes an entry out of use.
   *
   * @param why for status: which data plane said what
   * @param placeable whether a rule may stay where it is, closed; if not, it goes, and its host is
   *     closed instead, so that no laxer rule takes its traffic
   */
  void without(EntryRef entry, String why, boolean placeable) {
    switch (entry) {
      case EntryRef.Rule(RuleKey key) -> {
        LocationRule rule = source.rules().get(key);
        if (rule != null && placeable) {
          close(rule, why);
        } else if (rule != null) {
          hosts.put(key.host(), rule);
          hostReasons.put(key.host(), why);
          builder.removeRule(key);
          held.put(key, new HeldRule(rule.source(), why));
        }
      }
      case EntryRef.Pool(PoolKey key) -> pools.put(key, why);
      case EntryRef.PolicyId(String id) -> policies.put(id, why);
      case EntryRef.Credentials(String id) -> credentials.put(id, why);
      // Its pools have no endpoint then, and answer 503.
      case EntryRef.Endpoints(EndpointSetKey key) -> builder.put(new EndpointSet(key, List.of()));
      case EntryRef.Tls(CertificateKey key) -> {
        builder.removeCertificate(key);
        Settings.Tls tls = source.settings().tls();
        if (key.equals(tls.defaultCertificate())) {
          builder.settings(source.settings().withoutDefaultCertificate());
        }
      }
      case EntryRef.OfListener(String name) -> builder.removeListener(name);
      case EntryRef.AllSettings() -> settingsNeeded = true;
    }
  }

  /**
   * The snapshot without what was taken out.
   *
   * @param good one that data planes took, for its settings; null: none is known
   * @return null: it needs settings that were taken, and there are none
   */
  @Nullable RoutingSnapshot build(@Nullable RoutingSnapshot good) {
    if (settingsNeeded) {
      if (good == null || good.settings().equals(source.settings())) {
        return null;
      }
      builder.settings(good.settings());
    }
    if (!credentials.isEmpty()) {
      source.pools().forEach(this::holdPoolOfCredentials);
    }
    if (!pools.isEmpty() || !policies.isEmpty() || !hosts.isEmpty()) {
      source.rules().forEach((key, rule) -> closeDependent(rule));
      pools.keySet().forEach(builder::removePool);
    }
    hosts.forEach(
        (host, rule) ->
            builder.put(
                new LocationRule(
                    new RuleKey(host, PathType.PREFIX, "/", Matches.NONE),
                    rule.source(),
                    new Unavailable(REASON, String.valueOf(hostReasons.get(host))))));
    return builder.build();
  }

  /** The rules that are not served, with the reason; after {@link #build}. */
  Map<RuleKey, HeldRule> held() {
    return Map.copyOf(held);
  }

  private void holdPoolOfCredentials(PoolKey key, UpstreamPool pool) {
    UpstreamTls tls = pool.tls();
    String why =
        tls == null || tls.credentials() == null ? null : credentials.get(tls.credentials());
    if (why != null) {
      pools.putIfAbsent(key, why);
    }
  }

  private void closeDependent(LocationRule rule) {
    if (held.containsKey(rule.key())) {
      return;
    }
    String host = hostReasons.get(rule.key().host());
    if (host != null) {
      close(rule, "another rule of its host can't be closed in its place: " + host);
      return;
    }
    switch (rule.action()) {
      case Served served -> {
        String why = policies.get(served.policy());
        for (WeightedPool backend : served.backends()) {
          why = why == null ? pools.get(backend.pool()) : why;
        }
        Policy policy = source.policies().get(served.policy());
        PoolKey asked = policy == null ? null : policy.asks();
        why = why == null && asked != null ? pools.get(asked) : why;
        if (why != null) {
          close(rule, why);
        }
      }
      case Unavailable unavailable -> {}
    }
  }

  private void close(LocationRule rule, String why) {
    builder.put(new LocationRule(rule.key(), rule.source(), new Unavailable(REASON, why)));
    held.put(rule.key(), new HeldRule(rule.source(), why));
  }
}
