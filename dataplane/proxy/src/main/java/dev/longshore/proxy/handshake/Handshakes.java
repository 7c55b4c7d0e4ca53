package dev.longshore.proxy.handshake;

import dev.longshore.proxy.http.Admitted;
import dev.longshore.proxy.http.ClientStream;
import dev.longshore.proxy.http.Exchange;
import dev.longshore.proxy.http.ExchangeContext;
import dev.longshore.proxy.http.Upgrades;
import dev.longshore.proxy.tunnel.Tunnels;

/** The WebSocket handshakes of one event loop. */
public final class Handshakes implements Upgrades {
  private final AcceptKey keys = new AcceptKey();
  private final Tunnels tunnels;

  /** Those that succeed become tunnels of {@code tunnels}. */
  public Handshakes(Tunnels tunnels) {
    this.tunnels = tunnels;
  }

  @Override
  public Exchange exchange(ClientStream client, Admitted admitted, ExchangeContext context) {
    return new UpgradeExchange(client, admitted, context, keys, tunnels);
  }
}
