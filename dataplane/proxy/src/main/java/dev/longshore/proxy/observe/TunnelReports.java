package dev.longshore.proxy.observe;

import dev.longshore.proxy.tunnel.Tunnel;
import dev.longshore.proxy.tunnel.TunnelObserver;

/** Tells metrics and access log of every tunnel that has ended. */
public final class TunnelReports implements TunnelObserver {
  private final Metrics metrics;
  private final AccessLog accessLog;

  /** Both are told, on the tunnel's event loop. */
  public TunnelReports(Metrics metrics, AccessLog accessLog) {
    this.metrics = metrics;
    this.accessLog = accessLog;
  }

  @Override
  public void ended(Tunnel tunnel) {
    metrics.tunnelEnded(tunnel);
    accessLog.tunnel(tunnel);
  }
}
