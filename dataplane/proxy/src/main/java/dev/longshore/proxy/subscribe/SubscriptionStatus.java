package dev.longshore.proxy.subscribe;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the operators and of what they sent, at one moment.
 *
 * @param operators every replica, sorted by address
 * @param lastMessage when the last message came from any of them; null: never
 * @param confirmed when it was last known that the applied table is what an operator wants: the
 *     present while a channel is open; null while nothing is applied
 * @param keptAt when the table that is served was applied by an earlier process, until an operator
 *     has sent or confirmed one; null: it comes from an operator, or there is none
 * @param onDisk when the table was applied that a restart would begin with; null: there is none
 * @param dataPlanes how many share what is limited over all of them, as an operator said last
 * @param refused messages that were answered with a NACK
 * @param staleTaken tables that were older than the one before and taken all the same, because no
 *     newer one came
 */
public record SubscriptionStatus(
    List<Operator> operators,
    @Nullable Instant lastMessage,
    @Nullable Instant confirmed,
    @Nullable Instant keptAt,
    @Nullable Instant onDisk,
    int dataPlanes,
    long refused,
    long staleTaken) {
  public SubscriptionStatus {
    operators = List.copyOf(operators);
  }

  /**
   * One replica.
   *
   * @param address IP address and port
   * @param state of its channel
   * @param trouble why the channel is down; empty: nothing is known to be wrong
   */
  public record Operator(String address, State state, String trouble) {}

  /** What a channel is used for. */
  public enum State {
    /** There is none. */
    DOWN,
    /** It hears what is applied, and sends nothing. */
    STANDBY,
    /** It is where configuration comes from. */
    ACTIVE
  }

  /** How many channels are open. */
  public long connected() {
    return operators.stream().filter(operator -> operator.state != State.DOWN).count();
  }
}
