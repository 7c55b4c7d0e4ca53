package dev.longshore.proxy.http;

import dev.longshore.contract.Settings;
import dev.longshore.proxy.table.RoutingState;
import io.netty.handler.codec.http.HttpHeaders;

/**
 * Whose a request is, and by which settings it is read: what is known of it even if nothing else of
 * it can be read.
 *
 * @param peer who is connected
 * @param client who that is after trusted proxies
 * @param id value of X-Request-Id
 * @param settings as they were when its head was complete
 */
public record Sender(ClientPeer peer, ClientIdentity client, String id, Settings settings) {
  /** Of a request with these fields. On the event loop. */
  public static Sender of(ClientPeer peer, HttpHeaders fields, LoopContext loop) {
    RoutingState state = loop.state();
    ClientIdentity client = ClientIdentity.resolve(peer, fields, loop.trustedProxies(state));
    return new Sender(peer, client, loop.ids().of(fields, client.peerTrusted()), state.settings());
  }
}
