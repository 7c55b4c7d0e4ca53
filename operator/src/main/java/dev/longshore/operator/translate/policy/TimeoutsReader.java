package dev.longshore.operator.translate.policy;

import dev.longshore.api.v1alpha1.Policy;
import dev.longshore.contract.policy.Timeouts;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** How long things may take. */
public final class TimeoutsReader implements PartReader {
  private static final Timeouts DEFAULT = Timeouts.DEFAULT;

  /** Until an endpoint has taken a connection. */
  public static final Leaf<String, Duration> CONNECT =
      leaf("connect", "connect-timeout", Policy.Timeouts::connect, DEFAULT.connect());

  private static final Leaf<String, Duration> HANDSHAKE =
      leaf("handshake", "handshake-timeout", Policy.Timeouts::handshake, DEFAULT.handshake());

  /** As long as nothing passes. */
  public static final Leaf<String, Duration> IDLE =
      leaf("idle", "idle-timeout", Policy.Timeouts::idle, DEFAULT.idle());

  private static final Leaf<String, Duration> MAX_LIFETIME =
      leaf("maxLifetime", "max-lifetime", Policy.Timeouts::maxLifetime, DEFAULT.maxLifetime());

  /** Until the head of an answer to a plain request. */
  public static final Leaf<String, Duration> RESPONSE =
      leaf("response", "response-timeout", Policy.Timeouts::response, DEFAULT.response());

  private static final Leaf<String, Duration> WRITE_STALL =
      leaf("writeStall", null, Policy.Timeouts::writeStall, DEFAULT.writeStall());

  TimeoutsReader() {}

  private static Leaf<String, Duration> leaf(
      String name,
      @Nullable String annotation,
      Function<Policy.Timeouts, @Nullable String> field,
      Duration byDefault) {
    return Leaf.open(
        "timeouts." + name,
        annotation,
        Leaf.Getter.in(Policy::timeouts, field),
        Text.duration(Duration.ZERO),
        byDefault);
  }

  @Override
  public List<Leaf<?, ?>> leaves() {
    return List.of(CONNECT, HANDSHAKE, IDLE, MAX_LIFETIME, RESPONSE, WRITE_STALL);
  }

  @Override
  public Timeouts read(Reading in) {
    return new Timeouts(
        in.get(CONNECT),
        in.get(HANDSHAKE),
        in.get(IDLE),
        in.get(MAX_LIFETIME),
        in.get(RESPONSE),
        in.get(WRITE_STALL));
  }
}
