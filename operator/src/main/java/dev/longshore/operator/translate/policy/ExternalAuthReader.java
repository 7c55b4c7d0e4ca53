package dev.longshore.operator.translate.policy;

import dev.longshore.api.v1alpha1.Auth;
import dev.longshore.api.v1alpha1.Auth.External;
import dev.longshore.api.v1alpha1.Policy;
import dev.longshore.api.v1alpha1.ServiceRef;
import dev.longshore.contract.PathType;
import dev.longshore.contract.PoolKey;
import dev.longshore.contract.policy.ExternalAuth;
import dev.longshore.contract.policy.ExternalAuth.Source;
import dev.longshore.operator.translate.field.GatewayDurations;
import dev.longshore.operator.translate.field.HeaderNames;
import dev.longshore.operator.translate.field.Names;
import dev.longshore.operator.translate.field.Paths;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The service that is asked whether a request may pass. It is one leaf: half of another layer's
 * words about another service would be nobody's policy. Whatever is wrong closes the rules.
 */
public final class ExternalAuthReader implements PartReader {
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(1);
  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration SHORTEST_RECHECK = Duration.ofSeconds(1);
  private static final List<String> FORWARDED = List.of("authorization", "cookie");
  private static final int MOST_HEADERS = 32;
  private static final int MOST_SOURCES = 8;

  /** Who is asked, and what becomes of the answer. */
  public static final Leaf<External, External> EXTERNAL =
      Leaf.closing(
          "auth.external",
          "auth-service",
          Leaf.Getter.in(Policy::auth, Auth::external),
          new Unread(),
          new External(null, null, null, null, null, null, null, null, null, null, null));

  /** It is read with the Services that it names. */
  private static final class Unread implements Form<External, External> {
    @Override
    public External ofText(String text) {
      int slash = text.indexOf('/');
      String service = slash < 0 ? text : text.substring(0, slash);
      int colon = service.indexOf(':');
      if (colon < 1 || colon == service.length() - 1) {
        throw new IllegalArgumentException(
            Quote.of(text) + " is not a Service with a port and a path, such as auth:80/check");
      }
      return new External(
          new ServiceRef(service.substring(0, colon), port(service.substring(colon + 1))),
          slash < 0 ? null : text.substring(slash),
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null);
    }

    private static ServiceRef.Port port(String text) {
      return text.length() <= 5 && text.chars().allMatch(c -> c >= '0' && c <= '9')
          ? new ServiceRef.Port(Integer.valueOf(text), null)
          : new ServiceRef.Port(null, text);
    }

    @Override
    public External read(External value, String path, Problems problems) {
      return value;
    }

    @Override
    public String accepts() {
      return "Service, port and path: `auth:80/check`";
    }
  }

  @Override
  public List<Leaf<?, ?>> leaves() {
    return List.of(EXTERNAL);
  }

  @Override
  public @Nullable ExternalAuth read(Reading in) {
    Stated<External> stated = in.highest(EXTERNAL);
    return stated == null ? null : read(in, stated.value(), stated.path(), stated.isOwn());
  }

  private static @Nullable ExternalAuth read(
      Reading in, External external, String path, boolean own) {
    Problems problems = in.problems();
    AuthServices services = in.services();
    if (!own || services == null) {
      problems.fault(
          Reason.NOT_ALLOWED,
          path,
          "a Service belongs to a namespace, and a LongshoreConfig to none: write it in the"
              + " routes");
      return null;
    }
    ServiceRef service = external.service();
    if (service == null) {
      problems.fault(Reason.INVALID, path + ".service", "is missing: name a Service");
      return null;
    }
    PoolKey pool = services.pool(service, external.tls(), path, problems);
    String asked =
        problems.parse(
            path + ".path",
            () -> Paths.parse(Objects.requireNonNullElse(external.path(), "/"), PathType.EXACT));
    Duration timeout =
        duration(
            external.timeout(), TIMEOUT, SHORTEST, LONGEST_TIMEOUT, path + ".timeout", problems);
    Duration recheck =
        duration(
            external.recheck(),
            Duration.ZERO,
            Duration.ZERO,
            GatewayDurations.LONGEST,
            path + ".recheck",
            problems);
    if (recheck.isPositive() && recheck.compareTo(SHORTEST_RECHECK) < 0) {
      problems.fault(Reason.INVALID, path + ".recheck", "must be 0s (never) or at least 1s");
    }
    Duration grace =
        duration(
            external.recheckGrace(),
            recheck,
            Duration.ZERO,
            GatewayDurations.LONGEST,
            path + ".recheckGrace",
            problems);
    External.Cache cache = external.cache();
    List<Source> key = cache == null ? List.of() : key(cache, path + ".cache", problems);
    if (cache != null && cache.ttl() == null) {
      problems.fault(Reason.INVALID, path + ".cache.ttl", "is missing: how long answers hold");
    }
    Duration ttl =
        cache == null
            ? Duration.ZERO
            : duration(
                cache.ttl(),
                Duration.ZERO,
                Duration.ZERO,
                GatewayDurations.LONGEST,
                path + ".cache.ttl",
                problems);
    List<String> forwarded =
        external.forwardHeaders() == null
            ? FORWARDED
            : names(external.forwardHeaders(), path + ".forwardHeaders", problems);
    List<String> copied =
        external.copyHeaders() == null
            ? List.of()
            : names(external.copyHeaders(), path + ".copyHeaders", problems);
    return pool == null || asked == null
        ? null
        : new ExternalAuth(
            pool,
            service.name() + "." + services.namespace() + ".svc",
            asked,
            timeout,
            forwarded,
            copied,
            external.onFailure() == External.OnFailure.ALLOW,
            key,
            ttl,
            recheck,
            grace);
  }

  private static List<Source> key(External.Cache cache, String path, Problems problems) {
    List<External.CacheSource> sources = Objects.requireNonNullElse(cache.key(), List.of());
    if (sources.isEmpty() || sources.size() > MOST_SOURCES) {
      problems.fault(
          Reason.INVALID,
          path + ".key",
          "has "
              + sources.size()
              + " items: from 1 to "
              + MOST_SOURCES
              + ", what answers depend"
              + " on");
      return List.of();
    }
    List<Source> key = new ArrayList<>();
    for (int i = 0; i < sources.size(); i++) {
      External.CacheSource source = sources.get(i);
      String at = path + ".key[" + i + "]";
      String name =
          problems.parse(
              at + ".name", () -> Names.token(Objects.requireNonNullElse(source.name(), "")));
      Source.Type type =
          switch (source.type()) {
            case null -> null;
            case HEADER -> Source.Type.HEADER;
            case COOKIE -> Source.Type.COOKIE;
            case QUERY -> Source.Type.QUERY;
          };
      if (type == null) {
        problems.fault(Reason.INVALID, at + ".type", "is missing: write Header, Cookie or Query");
      } else if (name != null) {
        key.add(new Source(type, name));
      }
    }
    return key;
  }

  private static List<String> names(List<String> names, String path, Problems problems) {
    Function<String, String> parser = name -> HeaderNames.editable(name).toLowerCase(Locale.ROOT);
    return new TextList<>(MOST_HEADERS, parser, "names")
        .read(names, path, problems).stream().distinct().toList();
  }

  private static Duration duration(
      @Nullable String text,
      Duration byDefault,
      Duration least,
      Duration most,
      String path,
      Problems problems) {
    Duration read =
        text == null
            ? byDefault
            : problems.parse(path, () -> GatewayDurations.parse(text, least, most));
    return read == null ? byDefault : read;
  }
}
