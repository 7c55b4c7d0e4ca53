package dev.longshore.proxy.upstream;

import dev.longshore.contract.UpstreamPool;
import dev.longshore.proxy.tls.ClientContext;
import org.jspecify.annotations.Nullable;

/**
 * Where the members of a pool come from and how they are spoken to, since the last change of the
 * pool itself.
 */
final class PoolSource {
  final UpstreamPool config;
  final EndpointCell cell;

  /** Null: in the clear. */
  final @Nullable ClientContext tls;

  PoolSource(UpstreamPool config, EndpointCell cell, @Nullable ClientContext tls) {
    this.config = config;
    this.cell = cell;
    this.tls = tls;
  }
}
