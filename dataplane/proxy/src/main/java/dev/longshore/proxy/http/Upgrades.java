package dev.longshore.proxy.http;

/** Makes the exchanges of WebSocket handshakes, which {@code http} itself knows nothing of. */
@FunctionalInterface
public interface Upgrades {
  /** For a request with {@link ClientRequest#websocket()}; not started yet. */
  Exchange exchange(ClientStream client, Admitted admitted, ExchangeContext context);
}
