package dev.longshore.operator.translate.upstream;

import dev.longshore.api.v1alpha1.Upstream;
import dev.longshore.contract.Durations;
import dev.longshore.contract.PoolKey;
import dev.longshore.contract.Secret;
import dev.longshore.contract.UpstreamPool.Affinity;
import dev.longshore.contract.UpstreamPool.SameSite;
import dev.longshore.operator.translate.claim.References;
import dev.longshore.operator.translate.field.Fields;
import dev.longshore.operator.translate.field.Names;
import dev.longshore.operator.translate.secret.AffinityKey;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import java.time.Duration;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the cookie that keeps a client at its endpoint, and makes the key that it is made with. */
final class AffinityReader {
  private static final String NAME = "longshore";
  // A cookie's attributes are told apart by semicolons.
  private static final Pattern PATH = Pattern.compile("/[\\x21-\\x3A\\x3C-\\x7E]{0,1023}");

  /** Max-Age is in whole seconds, and 0 of them would delete the cookie (RFC 6265 §5.2.2). */
  private static final Duration SHORTEST_TTL = Duration.ofSeconds(1);

  private final AffinityKey affinityKey;
  private final References references;
  private final Fields fields;

  AffinityReader(AffinityKey affinityKey, References references, Fields fields) {
    this.affinityKey = affinityKey;
    this.references = references;
    this.fields = fields;
  }

  /** The cookie of a pool; null when there is none, or with a fault. */
  @Nullable Affinity read(PoolKey pool, Upstream.@Nullable Affinity affinity) {
    if (affinity == null) {
      return null;
    }
    Upstream.Cookie cookie = affinity.cookie();
    if (cookie == null) {
      fields.wrong("affinity.cookie", "is missing: write {} for one with the defaults");
      return null;
    }
    String name = parsed("affinity.cookie.name", cookie.name(), NAME, Names::token);
    String path = parsed("affinity.cookie.path", cookie.path(), "/", AffinityReader::path);
    Duration ttl = ttl(cookie.ttl());
    SameSite sameSite =
        switch (cookie.sameSite()) {
          case null -> SameSite.LAX;
          case STRICT -> SameSite.STRICT;
          case LAX -> SameSite.LAX;
          case NONE -> SameSite.NONE;
        };
    Secret key = key(pool);
    return key == null ? null : new Affinity(name, ttl, path, sameSite, key);
  }

  private String parsed(
      String field, @Nullable String text, String byDefault, UnaryOperator<String> parser) {
    String given = Objects.requireNonNullElse(text, byDefault);
    String parsed = fields.problems().parse(fields.path().apply(field), () -> parser.apply(given));
    return parsed == null ? byDefault : parsed;
  }

  private static String path(String text) {
    if (!PATH.matcher(text).matches()) {
      throw new IllegalArgumentException(
          Quote.of(text)
              + " is not an absolute path of at most 1024 characters, without blanks and ';'");
    }
    return text;
  }

  private Duration ttl(@Nullable String text) {
    Duration ttl = fields.duration("affinity.cookie.ttl", text, Duration.ZERO, Duration.ZERO);
    if (ttl.isPositive() && ttl.compareTo(SHORTEST_TTL) < 0) {
      fields.wrong(
          "affinity.cookie.ttl",
          Durations.format(ttl)
              + " is out of bounds: 0s (as long as the browser's session), or from 1s");
    }
    return ttl;
  }

  /** The rules wait for it: with any other key clients would lose their endpoints twice. */
  private @Nullable Secret key(PoolKey pool) {
    Secret master =
        switch (affinityKey) {
          case AffinityKey.Given given -> given.hex();
          case AffinityKey.InCluster cluster -> {
            var secret = references.own(cluster.secret());
            yield secret == null ? null : AffinityKey.read(secret);
          }
        };
    if (master == null) {
      fields
          .problems()
          .fault(
              Reason.SECRET_NOT_FOUND,
              fields.path().apply("affinity"),
              "waits for the key that cookies are made with, which the operator's leader keeps in"
                  + " its Secret "
                  + AffinityKey.NAME);
      return null;
    }
    return AffinityKey.derive(master, pool);
  }
}
