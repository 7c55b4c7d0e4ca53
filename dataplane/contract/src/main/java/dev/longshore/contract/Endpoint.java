package dev.longshore.contract;

/**
 * One address that can be dialled.
 *
 * @param address IP literal, never a name: nothing is resolved in the data plane
 * @param port 1 to 65535
 * @param state whether it takes new connections
 */
public record Endpoint(String address, int port, State state) implements Comparable<Endpoint> {

  /** Whether an endpoint takes new connections. */
  public enum State {
    /** Takes new connections. */
    READY,
    /** Terminating, still serving: keeps what it has, gets nothing new. */
    DRAINING
  }

  @Override
  public int compareTo(Endpoint other) {
    int byAddress = address.compareTo(other.address);
    if (byAddress != 0) {
      return byAddress;
    }
    int byPort = Integer.compare(port, other.port);
    return byPort != 0 ? byPort : state.compareTo(other.state);
  }

  /** Keyed: tenants choose the names. */
  @Override
  public int hashCode() {
    return KeyedHash.mix(KeyedHash.of(address), port << 1 | state.ordinal());
  }
}
