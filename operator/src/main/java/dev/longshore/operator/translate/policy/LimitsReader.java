package dev.longshore.operator.translate.policy;

import dev.longshore.api.v1alpha1.Policy;
import dev.longshore.contract.policy.Limits;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Limits of connections and messages. */
public final class LimitsReader implements PartReader {
  private static final Leaf<Integer, Integer> CONNECTIONS =
      leaf("connections", "connections", Policy.Limits::connections, 100_000_000);

  /** At once, of one client, at one data plane. */
  public static final Leaf<Integer, Integer> CONNECTIONS_PER_CLIENT =
      leaf(
          "connectionsPerClient",
          "connections-per-client",
          Policy.Limits::connectionsPerClient,
          10_000_000);

  /** In a second, of one client. */
  public static final Leaf<Integer, Integer> HANDSHAKES =
      leaf(
          "handshakesPerSecondPerClient",
          "handshakes-per-second",
          Policy.Limits::handshakesPerSecondPerClient,
          1_000_000);

  /** At once; 0: as many as in a second. */
  public static final Leaf<Integer, Integer> HANDSHAKES_BURST =
      leaf("handshakesBurst", null, Policy.Limits::handshakesBurst, 10_000_000);

  private static final Leaf<String, Long> MESSAGE_BYTES =
      Leaf.closing(
          "limits.messageBytes",
          "message-bytes",
          Leaf.Getter.in(Policy::limits, Policy.Limits::messageBytes),
          Text.bytes(),
          0L);
  private static final Leaf<Integer, Integer> MESSAGES =
      leaf(
          "messagesPerSecond", "messages-per-second", Policy.Limits::messagesPerSecond, 10_000_000);
  private static final Leaf<Integer, Integer> MESSAGES_BURST =
      leaf("messagesBurst", null, Policy.Limits::messagesBurst, 100_000_000);

  LimitsReader() {}

  /** One that 0 turns off. */
  private static Leaf<Integer, Integer> leaf(
      String name,
      @Nullable String annotation,
      Function<Policy.Limits, @Nullable Integer> field,
      int most) {
    return Leaf.closing(
        "limits." + name,
        annotation,
        Leaf.Getter.in(Policy::limits, field),
        WholeNumber.limit(most),
        0);
  }

  @Override
  public List<Leaf<?, ?>> leaves() {
    return List.of(
        CONNECTIONS,
        CONNECTIONS_PER_CLIENT,
        HANDSHAKES,
        HANDSHAKES_BURST,
        MESSAGE_BYTES,
        MESSAGES,
        MESSAGES_BURST);
  }

  @Override
  public Limits read(Reading in) {
    int handshakes = in.get(HANDSHAKES);
    int messages = in.get(MESSAGES);
    return new Limits(
        in.get(CONNECTIONS),
        in.get(CONNECTIONS_PER_CLIENT),
        handshakes,
        WholeNumber.burst(handshakes, in.get(HANDSHAKES_BURST)),
        in.get(MESSAGE_BYTES),
        messages,
        WholeNumber.burst(messages, in.get(MESSAGES_BURST)));
  }
}
