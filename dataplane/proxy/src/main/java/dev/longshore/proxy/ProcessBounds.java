package dev.longshore.proxy;

import dev.longshore.contract.HardLimits;

/**
 * What all connections together may take of the process.
 *
 * @param memoryBytes that may be held in network buffers outside the heap; beyond it those are cut
 *     that hold most. 0: half of what the JVM lets the process have
 * @param connections of clients at a time, each of which may have one upstream connection; further
 *     ones are closed at once. 0: any number
 * @param connectionsPerClient of one IPv4 address or IPv6 /64 that is no trusted proxy, likewise.
 *     0: any number
 * @param handshakesPerClient TLS handshakes that one such client begins in a second, of which some
 *     seconds' may come at once; above 0
 */
public record ProcessBounds(
    long memoryBytes, int connections, int connectionsPerClient, int handshakesPerClient) {
  /** Memory as much as the process can bear, and any number of connections. */
  public static final ProcessBounds DEFAULT =
      new ProcessBounds(0, 0, 0, HardLimits.TLS_HANDSHAKES_PER_SECOND_PER_CLIENT);

  /** Part of the descriptors that is kept back for everything but clients and their upstreams. */
  private static final int RESERVE_PARTS = 32;

  private static final long LEAST_RESERVE = 128;
  private static final long MOST_RESERVE = 8_192;

  /**
   * An idle one has a fifth of it; a request with long fields, waiting for its answer, has more.
   */
  private static final int HEAP_PER_CONNECTION = 8 * 1024;

  /** Part of all connections that one client leaves to others. */
  private static final int OTHERS_PARTS = 32;

  public ProcessBounds {
    require("memoryBytes", memoryBytes);
    require("connections", connections);
    require("connectionsPerClient", connectionsPerClient);
    if (handshakesPerClient < 1) {
      throw new IllegalArgumentException(
          "handshakesPerClient " + handshakesPerClient + ": must be above 0");
    }
  }

  private static void require(String name, long value) {
    if (value < 0) {
      throw new IllegalArgumentException(name + " " + value + ": must not be negative");
    }
  }

  /** The same, but for the memory. */
  public ProcessBounds memory(long bytes) {
    return new ProcessBounds(bytes, connections, connectionsPerClient, handshakesPerClient);
  }

  /** The same, but for connections. */
  public ProcessBounds connections(int most, int mostPerClient) {
    return new ProcessBounds(memoryBytes, most, mostPerClient, handshakesPerClient);
  }

  /** The same, but for TLS handshakes. */
  public ProcessBounds handshakesPerClient(int perSecond) {
    return new ProcessBounds(memoryBytes, connections, connectionsPerClient, perSecond);
  }

  /**
   * How many client connections a process can have, each with an upstream connection, and still
   * open what else it needs: idle upstream connections, probes, channels to operators, the metrics
   * and admin ports, files.
   *
   * @param descriptors how many it may have open
   * @param heap bytes that it may have
   * @return at least 1
   */
  public static int connectionsWithin(long descriptors, long heap) {
    long reserve = Math.clamp(descriptors / RESERVE_PARTS, LEAST_RESERVE, MOST_RESERVE);
    long most = Math.min((descriptors - reserve) / 2, heap / HEAP_PER_CONNECTION);
    return (int) Math.clamp(most, 1, Integer.MAX_VALUE);
  }

  /**
   * How many one client may have of so many, so that there are some left for others.
   *
   * @param connections of all; 0: any number
   * @return 0: any number
   */
  public static int connectionsOfOneOf(int connections) {
    return connections == 0
        ? 0
        : Math.max(1, connections - Math.max(1, connections / OTHERS_PARTS));
  }
}
