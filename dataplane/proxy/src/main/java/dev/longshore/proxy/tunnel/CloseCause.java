package dev.longshore.proxy.tunnel;

/** Why a tunnel ended. */
public enum CloseCause {
  /** The client closed first, by a Close frame or by ending its stream. */
  CLIENT("client", 0),
  /** The upstream closed first. */
  UPSTREAM("upstream", 0),
  /** The data plane goes away. */
  SHUTDOWN("shutdown", 1001),
  /** The endpoint goes away. */
  DRAIN("drain", 0),
  /** It moves to an endpoint that has fewer. */
  REBALANCE("rebalance", 0),
  /** Its rule was removed, and no other serves its host and path. */
  REMOVED("removed", 0),
  /** Its rule's policy of now would not admit it. */
  POLICY("policy", 1008),
  /** The service that let it in doesn't any more. */
  REVOKED("revoked", 1008),
  /** {@code timeouts.maxLifetime} has passed. */
  LIFETIME("lifetime", 0),
  /** No byte in either direction for {@code timeouts.idle}. */
  IDLE("idle", 1001),
  /** A side took no byte for {@code timeouts.writeStall} while some were waiting. */
  STALL("stall", 1001),
  /** A side said nothing for {@code keepalive.timeout} after it was pinged. */
  PING("ping", 1001),
  /** A frame that can't be followed. */
  PROTOCOL("protocol", 1002),
  /** A message above {@code limits.messageBytes}. */
  SIZE("size", 1009),
  /** More messages of the client than {@code limits.messagesPerSecond} and its burst allow. */
  RATE("rate", 1008),
  /** It held more in network buffers than others when these were beyond their budget. */
  MEMORY("memory", 1013),
  /** The client's connection was reset. */
  CLIENT_RESET("client-reset", 1011),
  /** The upstream's connection was reset. */
  UPSTREAM_RESET("upstream-reset", 1011),
  /** A fault of the proxy itself; the log has it. */
  INTERNAL("internal", 1011);

  private final String reason;
  private final int closeCode;

  CloseCause(String reason, int closeCode) {
    this.reason = reason;
    this.closeCode = closeCode;
  }

  /**
   * The value of the label {@code reason} in metrics, and of {@code closedBy} in the access log.
   */
  public String reason() {
    return reason;
  }

  /** What the client is sent; {@code configured} where the cause has no code of its own. */
  int closeCode(int configured) {
    return closeCode == 0 ? configured : closeCode;
  }
}
