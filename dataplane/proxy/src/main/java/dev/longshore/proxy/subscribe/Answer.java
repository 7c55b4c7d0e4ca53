package dev.longshore.proxy.subscribe;

import dev.longshore.contract.push.Ack;
import dev.longshore.contract.push.FromDataPlane;
import dev.longshore.contract.push.Goodbye;
import dev.longshore.contract.push.Nack;
import java.time.Duration;

/** What follows from an operator's message. */
sealed interface Answer {

  /** Every replica hears of it: an {@link Ack} or a {@link Nack}. */
  record Report(FromDataPlane message) implements Answer {}

  /** The replica that sent it is answered. */
  record Reply(FromDataPlane message) implements Answer {}

  /**
   * The replica is answered, and asked anew if nothing else came from it in the meantime.
   *
   * @param patience how long it may take to have something newer
   */
  record Waiting(FromDataPlane message, Duration patience) implements Answer {}

  /** The replica is about to close the channel. */
  record Leaving(Goodbye goodbye) implements Answer {}

  /** Nothing is to be said. */
  record Silence() implements Answer {}
}
