package dev.longshore.proxy.handshake;

import dev.longshore.proxy.http.Admission;
import dev.longshore.proxy.http.ClientConnection;
import dev.longshore.proxy.http.Exchange;
import dev.longshore.proxy.http.Upgrades;
import dev.longshore.proxy.limit.Limiter;
import dev.longshore.proxy.tunnel.Tunnels;

/** The WebSocket handshakes of one event loop. */
public final class Handshakes implements Upgrades {
  private final AcceptKey keys = new AcceptKey();
  private final Tunnels tunnels;
  private final Limiter limiter;

  /** Those that {@code limiter} lets in and that succeed become tunnels of {@code tunnels}. */
  public Handshakes(Tunnels tunnels, Limiter limiter) {
    this.tunnels = tunnels;
    this.limiter = limiter;
  }

  @Override
  public Exchange exchange(ClientConnection client, Admission.Admitted admitted) {
    return new UpgradeExchange(client, admitted, keys, tunnels, limiter);
  }
}
