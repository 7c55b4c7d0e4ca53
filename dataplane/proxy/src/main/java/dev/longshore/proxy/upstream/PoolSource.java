package dev.longshore.proxy.upstream;

import dev.longshore.contract.UpstreamPool;

/** Where the members of a pool come from, since the last change of the pool itself. */
final class PoolSource {
  final UpstreamPool config;
  final EndpointCell cell;

  PoolSource(UpstreamPool config, EndpointCell cell) {
    this.config = config;
    this.cell = cell;
  }
}
