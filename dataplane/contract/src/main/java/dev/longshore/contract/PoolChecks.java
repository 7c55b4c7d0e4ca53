package dev.longshore.contract;

import dev.longshore.contract.UpstreamPool.Active;
import dev.longshore.contract.UpstreamPool.Affinity;
import dev.longshore.contract.UpstreamPool.Balancing;
import dev.longshore.contract.UpstreamPool.HashOn;
import dev.longshore.contract.UpstreamPool.HashType;
import dev.longshore.contract.UpstreamPool.HealthCheck;
import dev.longshore.contract.UpstreamPool.Passive;
import dev.longshore.contract.UpstreamPool.Probe;
import dev.longshore.contract.UpstreamPool.Protocol;
import dev.longshore.contract.UpstreamPool.Rebalance;
import java.time.Duration;
import java.util.regex.Pattern;

/** Checks how a pool's endpoints are chosen, watched and relieved. */
final class PoolChecks {
  private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(100);
  private static final int MAX_FAILURES = 1000;
  private static final int MAX_THRESHOLD = 100;
  static final int MAX_CONNECTIONS = 100_000_000;
  private static final int MAX_SERVICE = 253;
  private static final int MAX_PER_SECOND = 100_000;
  private static final int PERCENT = 100;
  private static final Pattern KEY = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern COOKIE_PATH = Pattern.compile("/[\\x21-\\x3A\\x3C-\\x7E]{0,1023}");

  private PoolChecks() {}

  static void check(UpstreamPool pool, Field field) {
    if (pool.balancing() == Balancing.CONSISTENT_HASH && pool.hashOn() == null) {
      field.at("hashOn").wrong("is missing; CONSISTENT_HASH needs it");
    }
    for (PoolPart part : pool.parts()) {
      part.check(pool, field.at(PoolPartType.of(part).name()));
    }
  }

  static void check(HashOn hashOn, UpstreamPool pool, Field field) {
    if (pool.balancing() != Balancing.CONSISTENT_HASH) {
      field.wrong("is there; only CONSISTENT_HASH has it");
    }
    String name = hashOn.name();
    if ((name == null) != (hashOn.type() == HashType.CLIENT_IP)) {
      field.at("name").wrong("must be there, but for CLIENT_IP, which has none");
    } else if (name != null
        && (!Syntax.isToken(name)
            || (hashOn.type() == HashType.HEADER && !Syntax.isLowerCase(name)))) {
      field.at("name").mustBe(Syntax.TOKEN + ", of a header in lower case", name);
    }
  }

  static void check(Affinity affinity, Field field) {
    if (!Syntax.isToken(affinity.cookie())) {
      field.at("cookie").mustBe(Syntax.TOKEN, affinity.cookie());
    }
    field.at("ttl").duration(affinity.ttl());
    if (!COOKIE_PATH.matcher(affinity.path()).matches()) {
      field.at("path").mustBe("an absolute path without ; of at most 1,024", affinity.path());
    }
    Secret key = affinity.key();
    if (key != null && !KEY.matcher(key.reveal()).matches()) {
      field.at("key").wrong("must be 64 hex digits in lower case");
    }
  }

  static void check(HealthCheck health, UpstreamPool pool, Field field) {
    field.at("panicThresholdPercent").within(health.panicThresholdPercent(), 0, PERCENT);
    Passive passive = health.passive();
    if (passive != null) {
      Field at = field.at("passive");
      at.at("consecutiveFailures").within(passive.consecutiveFailures(), 1, MAX_FAILURES);
      at.at("ejectFor").positive(passive.ejectFor());
      at.at("maxEjectedPercent").within(passive.maxEjectedPercent(), 0, PERCENT);
    }
    Active active = health.active();
    if (active != null) {
      check(active, pool, field.at("active"));
    }
  }

  private static boolean isServiceName(String name) {
    return !name.isEmpty()
        && name.length() <= MAX_SERVICE
        && name.chars().allMatch(each -> each > ' ' && each <= '~');
  }

  private static void check(Active active, UpstreamPool pool, Field field) {
    if (active.type() == Probe.GRPC && pool.protocol() != Protocol.HTTP_2) {
      field.at("type").wrong("can be GRPC with requestProtocol HTTP_2 only");
    }
    String service = active.service();
    if (service != null && active.type() != Probe.GRPC) {
      field.at("service").wrong("goes with GRPC only");
    } else if (service != null && !isServiceName(service)) {
      field.at("service").mustBe("1 to 253 printable characters of ASCII", service);
    }
    if (!Syntax.isAbsolutePath(active.path().split("\\?", 2)[0])
        || !Syntax.isFieldValue(active.path())
        || active.path().indexOf(' ') >= 0) {
      field.at("path").mustBe("an absolute path such as /healthz", active.path());
    }
    field.at("interval").positive(active.interval());
    if (active.interval().compareTo(SHORTEST_INTERVAL) < 0) {
      field.at("interval").mustBe("at least 100ms", active.interval());
    }
    field.at("timeout").positive(active.timeout());
    if (active.timeout().compareTo(active.interval()) > 0) {
      field.at("timeout").mustBe("not longer than interval", active.timeout());
    }
    field.at("healthyThreshold").within(active.healthyThreshold(), 1, MAX_THRESHOLD);
    field.at("unhealthyThreshold").within(active.unhealthyThreshold(), 1, MAX_THRESHOLD);
  }

  /** To move a tunnel away from where affinity or hashing brings it back would never end. */
  static void check(Rebalance rebalance, UpstreamPool pool, Field field) {
    field.at("maxPerSecond").within(rebalance.maxPerSecond(), 1, MAX_PER_SECOND);
    field.at("tolerancePercent").within(rebalance.tolerancePercent(), 1, PERCENT);
    if (pool.affinity() != null || pool.balancing() == Balancing.CONSISTENT_HASH) {
      field.wrong("can't be beside affinity or CONSISTENT_HASH");
    }
  }
}
