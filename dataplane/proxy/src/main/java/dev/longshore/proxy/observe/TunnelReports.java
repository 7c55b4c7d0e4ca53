package dev.longshore.proxy.observe;

import dev.longshore.process.watch.Part;
import dev.longshore.proxy.memory.HeadMemory;
import dev.longshore.proxy.tunnel.StreamedCall;
import dev.longshore.proxy.tunnel.Tunnel;
import dev.longshore.proxy.tunnel.TunnelObserver;

/** Tells metrics and access log of every tunnel that has ended. */
public final class TunnelReports implements TunnelObserver {
  private final Metrics metrics;
  private final AccessLog accessLog;
  private final Part part;
  private final HeadMemory heads;

  /**
   * Both are told, on the tunnel's event loop.
   *
   * @param part of the watch; hears of faults
   * @param heads counts what tunnels keep of their handshakes
   */
  public TunnelReports(Metrics metrics, AccessLog accessLog, Part part, HeadMemory heads) {
    this.part = part;
    this.heads = heads;
    this.metrics = metrics;
    this.accessLog = accessLog;
  }

  @Override
  public void opened(Tunnel tunnel) {
    long held = tunnel.heldHeap();
    if (held > 0) {
      heads.add(held);
    }
  }

  @Override
  public void ended(Tunnel tunnel) {
    long held = tunnel.heldHeap();
    if (held > 0) {
      heads.add(-held);
    }
    metrics.tunnelEnded(tunnel);
    accessLog.tunnel(tunnel);
  }

  @Override
  public void callEnded(StreamedCall call) {
    metrics.callClosed(call.cause());
  }

  @Override
  public void fault(String what, Throwable cause) {
    part.fault(what, cause);
  }
}
