package dev.longshore.proxy.observe;

import dev.longshore.process.watch.Part;
import dev.longshore.proxy.tunnel.Tunnel;
import dev.longshore.proxy.tunnel.TunnelObserver;

/** Tells metrics and access log of every tunnel that has ended. */
public final class TunnelReports implements TunnelObserver {
  private final Metrics metrics;
  private final AccessLog accessLog;
  private final Part part;

  /**
   * Both are told, on the tunnel's event loop.
   *
   * @param part of the watch; hears of faults
   */
  public TunnelReports(Metrics metrics, AccessLog accessLog, Part part) {
    this.part = part;
    this.metrics = metrics;
    this.accessLog = accessLog;
  }

  @Override
  public void ended(Tunnel tunnel) {
    metrics.tunnelEnded(tunnel);
    accessLog.tunnel(tunnel);
  }

  @Override
  public void fault(String what, Throwable cause) {
    part.fault(what, cause);
  }
}
