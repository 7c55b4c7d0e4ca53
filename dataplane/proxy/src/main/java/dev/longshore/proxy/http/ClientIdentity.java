package dev.longshore.proxy.http;

import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import java.util.List;
import java.util.function.Predicate;

/**
 * Who sent a request, after trusted proxies.
 *
 * @param address the client: the rightmost address in X-Forwarded-For that is not a trusted proxy,
 *     else the peer itself
 * @param text {@code address} as text
 * @param peerTrusted whether the peer's forwarding headers may be believed
 */
public record ClientIdentity(InetAddress address, String text, boolean peerTrusted) {

  /** Resolves the client of a request; without trust the headers are not looked at. */
  static ClientIdentity resolve(
      Peer peer, HttpHeaders headers, Predicate<InetAddress> trustedProxies) {
    if (peer.unnamed() || !trustedProxies.test(peer.address())) {
      return new ClientIdentity(peer.address(), peer.text(), false);
    }
    InetAddress client = peer.address();
    List<String> hops = Tokens.of(headers.getAll(ForwardingHeaders.X_FORWARDED_FOR));
    for (String hop : hops.reversed()) {
      InetAddress address = AddressText.parse(hop);
      if (address == null) {
        // "unknown", an obfuscated name or rubbish: what is beyond it can't be attributed.
        break;
      }
      client = address;
      if (!trustedProxies.test(address)) {
        break;
      }
    }
    return new ClientIdentity(client, AddressText.of(client), true);
  }
}
