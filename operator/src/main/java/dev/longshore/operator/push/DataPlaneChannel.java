package dev.longshore.operator.push;

import dev.longshore.contract.push.FromOperator;
import dev.longshore.contract.push.Goodbye;

/** The way to one data plane. All methods may be called from any thread and don't wait. */
interface DataPlaneChannel {

  /**
   * Sends a message, in pieces as the peer takes them.
   *
   * @param message never written to
   * @param written called once, on any thread, when the last byte was handed to the network or the
   *     channel is gone
   */
  void send(byte[] message, Runnable written);

  /** Sends a short message. */
  void tell(FromOperator message);

  /** Says why, and closes. */
  void goodbye(Goodbye goodbye);

  /** Sends a Ping, unless bytes are waiting anyway. */
  void ping();

  /** What was received is dealt with: more may be read. */
  void readOn();

  /** Closes without a word. */
  void close();

  /** When the peer last sent or took something, by the push server's ticker. */
  long lastAlive();
}
