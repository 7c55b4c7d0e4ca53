package dev.longshore.operator.translate;

import dev.longshore.api.v1alpha1.Policy.DrainAction;
import dev.longshore.api.v1alpha1.Policy.HeaderEdit;
import dev.longshore.contract.policy.Access;
import dev.longshore.contract.policy.AllowedOrigins;
import dev.longshore.contract.policy.AllowedSubprotocols;
import dev.longshore.contract.policy.Closing;
import dev.longshore.contract.policy.Draining;
import dev.longshore.contract.policy.Draining.OnChange;
import dev.longshore.contract.policy.EncodedSlashes;
import dev.longshore.contract.policy.Header;
import dev.longshore.contract.policy.HeaderEdits;
import dev.longshore.contract.policy.InsecureMode;
import dev.longshore.contract.policy.Limits;
import dev.longshore.contract.policy.Ping;
import dev.longshore.contract.policy.Ping.Towards;
import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.policy.RequestHeaders;
import dev.longshore.contract.policy.ResponseHeaders;
import dev.longshore.contract.policy.Retries;
import dev.longshore.contract.policy.Timeouts;
import dev.longshore.contract.policy.UpgradeMode;
import dev.longshore.operator.translate.PolicyLayers.Leaf;
import dev.longshore.operator.translate.PolicyLayers.Mistakes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads merged policies: checks every leaf, applies the defaults of the API, and refuses what this
 * version doesn't serve.
 */
final class PolicyReader {
  private static final Duration PING_TIMEOUT = Duration.ofSeconds(10);

  /** More would be load without a use: what a ping keeps open lives for tens of seconds. */
  private static final Duration SHORTEST_PING = Duration.ofSeconds(1);

  /** Less would end tunnels of whoever is far away. */
  private static final Duration SHORTEST_PING_TIMEOUT = Duration.ofMillis(100);

  private final PolicyLayers layers;
  private final @Nullable References references;
  private final Problems problems;

  private PolicyReader(PolicyLayers layers, @Nullable References references, Problems problems) {
    this.layers = layers;
    this.references = references;
    this.problems = problems;
  }

  /**
   * The policy that the layers make.
   *
   * @param references of the resource that they are for; null: of none, and so to nothing
   * @param problems hears of what is wrong; with a fault, the result must not be used
   */
  static Policy read(PolicyLayers layers, @Nullable References references, Problems problems) {
    PolicyReader reader = new PolicyReader(layers, references, problems);
    reader.refuseUnsupported();
    return reader.policy();
  }

  private Policy policy() {
    return Policy.of(
        List.of(
            upgrade(),
            insecure(),
            new AllowedOrigins(list("origins", p -> p.origins(), 128, Origins::parse)),
            new AllowedSubprotocols(
                list("subprotocols", p -> p.subprotocols(), 64, Names::token)),
            timeouts(),
            retries(),
            access(),
            new RequestHeaders(
                edits(
                    "headers.request",
                    p -> p.headers() == null ? null : p.headers().request(),
                    HeaderSetReader.Secrets.OF_OWN_NAMESPACE)),
            new ResponseHeaders(
                edits(
                    "headers.response",
                    p -> p.headers() == null ? null : p.headers().response(),
                    HeaderSetReader.Secrets.NONE)),
            closing(),
            ping(),
            limits(),
            draining(),
            encodedSlashes()));
  }

  private EncodedSlashes encodedSlashes() {
    return read(
        "encodedSlashes",
        p -> p.encodedSlashes(),
        EncodedSlashes.ALLOW,
        true,
        mode ->
            switch (mode) {
              case ALLOW -> EncodedSlashes.ALLOW;
              case REJECT -> EncodedSlashes.REJECT;
            });
  }

  private UpgradeMode upgrade() {
    return read(
        "upgrade",
        p -> p.upgrade(),
        UpgradeMode.ALLOW,
        true,
        mode ->
            switch (mode) {
              case ALLOW -> UpgradeMode.ALLOW;
              case REQUIRE -> UpgradeMode.REQUIRE;
              case DENY -> UpgradeMode.DENY;
            });
  }

  private InsecureMode insecure() {
    return read(
        "insecure",
        p -> p.insecure(),
        InsecureMode.REDIRECT,
        true,
        mode ->
            switch (mode) {
              case ALLOW -> InsecureMode.ALLOW;
              case REDIRECT -> InsecureMode.REDIRECT;
            });
  }

  private Retries retries() {
    return read(
        "retries.attempts",
        p -> p.retries() == null ? null : p.retries().attempts(),
        Retries.DEFAULT,
        false,
        attempts -> new Retries(Fields.within(attempts, 0, 10)));
  }

  private Timeouts timeouts() {
    Timeouts defaults = Timeouts.DEFAULT;
    return new Timeouts(
        timeout("connect", t -> t.connect(), defaults.connect()),
        timeout("handshake", t -> t.handshake(), defaults.handshake()),
        timeout("idle", t -> t.idle(), defaults.idle()),
        timeout("maxLifetime", t -> t.maxLifetime(), defaults.maxLifetime()),
        timeout("response", t -> t.response(), defaults.response()),
        timeout("writeStall", t -> t.writeStall(), defaults.writeStall()));
  }

  private Duration timeout(
      String name,
      Function<dev.longshore.api.v1alpha1.Policy.Timeouts, @Nullable String> get,
      Duration byDefault) {
    return duration(
        "timeouts." + name, p -> p.timeouts() == null ? null : get.apply(p.timeouts()), byDefault);
  }

  private Access access() {
    return new Access(
        list(
            "access.allow", p -> p.access() == null ? null : p.access().allow(), 256, Cidrs::parse),
        list("access.deny", p -> p.access() == null ? null : p.access().deny(), 256, Cidrs::parse));
  }

  private HeaderEdits edits(String field, Field<HeaderEdit> get, HeaderSetReader.Secrets secrets) {
    List<Header> set =
        new HeaderSetReader(layers, references, problems)
            .read(
                field + ".set",
                p -> {
                  HeaderEdit edit = get.apply(p);
                  return edit == null ? null : edit.set();
                },
                secrets);
    List<String> remove =
        list(
            field + ".remove",
            p -> {
              HeaderEdit edit = get.apply(p);
              return edit == null ? null : edit.remove();
            },
            32,
            name -> HeaderNames.editable(name).toLowerCase(Locale.ROOT));
    return new HeaderEdits(set, remove);
  }

  private Closing closing() {
    Duration deadline =
        duration(
            "drain.deadline",
            p -> p.drain() == null ? null : p.drain().deadline(),
            Closing.DEFAULT.deadline());
    int code =
        read(
            "drain.closeCode",
            p -> p.drain() == null ? null : p.drain().closeCode(),
            Closing.DEFAULT.closeCode(),
            false,
            PolicyReader::closeCode);
    return new Closing(deadline, code);
  }

  private static int closeCode(int code) {
    if (code == 1001 || code == 1012 || code == 1013 || (code >= 3000 && code <= 4999)) {
      return code;
    }
    throw new IllegalArgumentException(code + " is not 1001, 1012, 1013 or from 3000 to 4999");
  }

  private Ping ping() {
    Duration interval =
        read(
            "keepalive.ping",
            p -> p.keepalive() == null ? null : p.keepalive().ping(),
            Duration.ZERO,
            false,
            PolicyReader::interval);
    Duration timeout =
        read(
            "keepalive.timeout",
            p -> p.keepalive() == null ? null : p.keepalive().timeout(),
            PING_TIMEOUT,
            false,
            text -> Durations.parse(text, SHORTEST_PING_TIMEOUT, Durations.LONGEST));
    Towards towards =
        read(
            "keepalive.towards",
            p -> p.keepalive() == null ? null : p.keepalive().towards(),
            Towards.CLIENT,
            false,
            side ->
                switch (side) {
                  case CLIENT -> Towards.CLIENT;
                  case UPSTREAM -> Towards.UPSTREAM;
                  case BOTH -> Towards.BOTH;
                });
    return interval.isZero() ? Ping.NONE : new Ping(interval, timeout, towards);
  }

  private static Duration interval(String text) {
    Duration interval = Durations.parse(text, Duration.ZERO, Durations.LONGEST);
    if (interval.isPositive() && interval.compareTo(SHORTEST_PING) < 0) {
      throw new IllegalArgumentException(
          Quote.of(text)
              + " is out of bounds: 0s (none), or from "
              + Durations.show(SHORTEST_PING)
              + " to "
              + Durations.show(Durations.LONGEST));
    }
    return interval;
  }

  private Limits limits() {
    int handshakes =
        limit(
            "handshakesPerSecondPerClient",
            limits -> limits.handshakesPerSecondPerClient(),
            1_000_000);
    int messages = limit("messagesPerSecond", limits -> limits.messagesPerSecond(), 10_000_000);
    return new Limits(
        limit("connections", limits -> limits.connections(), 100_000_000),
        limit("connectionsPerClient", limits -> limits.connectionsPerClient(), 10_000_000),
        handshakes,
        burst(handshakes, "handshakesBurst", limits -> limits.handshakesBurst(), 10_000_000),
        read(
            "limits.messageBytes",
            p -> p.limits() == null ? null : p.limits().messageBytes(),
            0L,
            true,
            text -> Quantities.parse(text, 0, Long.MAX_VALUE)),
        messages,
        burst(messages, "messagesBurst", limits -> limits.messagesBurst(), 100_000_000));
  }

  private int limit(
      String name,
      Function<dev.longshore.api.v1alpha1.Policy.Limits, @Nullable Integer> get,
      int most) {
    return read(
        "limits." + name,
        p -> p.limits() == null ? null : get.apply(p.limits()),
        0,
        true,
        limit -> Fields.within(limit, 0, most));
  }

  /** What may come at once: as much as in a second when nothing, or 0, is said; none by itself. */
  private int burst(
      int rate,
      String name,
      Function<dev.longshore.api.v1alpha1.Policy.Limits, @Nullable Integer> get,
      int most) {
    int burst = limit(name, get, most);
    if (rate == 0) {
      return 0;
    }
    return burst == 0 ? rate : burst;
  }

  private Draining draining() {
    return new Draining(
        duration(
            "drain.window",
            p -> p.drain() == null ? null : p.drain().window(),
            Draining.DEFAULT.window()),
        onChange("drain.onRemoval", p -> p.drain() == null ? null : p.drain().onRemoval()),
        onChange(
            "drain.onPolicyChange", p -> p.drain() == null ? null : p.drain().onPolicyChange()));
  }

  private OnChange onChange(String field, Field<DrainAction> get) {
    return read(
        field,
        get,
        OnChange.KEEP,
        true,
        action ->
            switch (action) {
              case KEEP -> OnChange.KEEP;
              case CLOSE -> OnChange.CLOSE;
            });
  }

  private void refuseUnsupported() {
    unsupported("auth.jwt", p -> p.auth() == null ? null : p.auth().jwt());
    unsupported("auth.external", p -> p.auth() == null ? null : p.auth().external());
  }

  /** Refuses the rules when the leaf is there, for it asks for something that has to be done. */
  private <T> void unsupported(String field, Field<T> get) {
    read(
        field,
        get,
        true,
        true,
        value -> {
          throw new UnsupportedValueException();
        });
  }

  private Duration duration(String field, Field<String> get, Duration byDefault) {
    return read(
        field,
        get,
        byDefault,
        false,
        text -> Durations.parse(text, Duration.ZERO, Durations.LONGEST));
  }

  private <T, R> List<R> list(
      String field, Field<List<T>> get, int longest, Function<T, R> parser) {
    for (Leaf<List<T>> leaf : layers.leaves(field, get)) {
      if (leaf.value().size() > longest) {
        problems.fault(
            Reason.INVALID,
            leaf.path(),
            "has " + leaf.value().size() + " items: at most " + longest);
      }
      List<R> items = new ArrayList<>();
      for (int i = 0; i < Math.min(leaf.value().size(), longest); i++) {
        T item = leaf.value().get(i);
        R read = problems.parse(leaf.path() + "[" + i + "]", () -> parser.apply(item));
        if (read != null) {
          items.add(read);
        }
      }
      return items;
    }
    return List.of();
  }

  /**
   * The highest layer's leaf, or the default.
   *
   * @param closes whether going on without a value that can't be read could open something
   */
  private <T, R> R read(
      String field, Field<T> get, R byDefault, boolean closes, Function<T, R> parser) {
    for (Leaf<T> leaf : layers.leaves(field, get)) {
      try {
        return parser.apply(leaf.value());
      } catch (UnsupportedValueException e) {
        problems.fault(Reason.UNSUPPORTED_VALUE, leaf.path(), message(e));
        return byDefault;
      } catch (IllegalArgumentException e) {
        switch (closes ? Mistakes.REFUSE : leaf.mistakes()) {
          case REFUSE -> {
            problems.fault(Reason.INVALID, leaf.path(), message(e));
            return byDefault;
          }
          case WARN -> problems.warn(Reason.INVALID_ANNOTATION, leaf.path(), message(e));
          case PASS_OVER -> {}
        }
      }
    }
    return byDefault;
  }

  private static String message(IllegalArgumentException e) {
    return String.valueOf(e.getMessage());
  }

  /** Gets one leaf of a policy; null when the policy doesn't have it. */
  private interface Field<T> extends Function<dev.longshore.api.v1alpha1.Policy, @Nullable T> {}
}
