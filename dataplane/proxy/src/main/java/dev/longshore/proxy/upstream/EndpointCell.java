package dev.longshore.proxy.upstream;

import dev.longshore.contract.EndpointSet;

/**
 * The current content of one endpoint set, shared by the pools that draw from it. A change is one
 * volatile write, however many pools there are; each of them follows at its next pick.
 */
final class EndpointCell {
  private volatile Published published;

  EndpointCell(Published published) {
    this.published = published;
  }

  Published published() {
    return published;
  }

  void publish(Published next) {
    published = next;
  }

  /** A set and when it came; every publication is a thing of its own. */
  static final class Published {
    final EndpointSet endpoints;

    /** Nanoseconds by the ticker of the pools. */
    final long since;

    Published(EndpointSet endpoints, long since) {
      this.endpoints = endpoints;
      this.since = since;
    }
  }
}
