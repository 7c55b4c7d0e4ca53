package dev.longshore.proxy.http;

import dev.longshore.contract.HardLimits;
import dev.longshore.proxy.fields.Tokens;
import dev.longshore.proxy.net.AddressText;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who sent a request, after trusted proxies. Of a trusted peer one family of fields is believed:
 * X-Forwarded-* if there is any, for that is what proxies write and what they take from clients;
 * else Forwarded (RFC 7239).
 *
 * @param address the client: the rightmost address of the chain that is not a trusted proxy, else
 *     the peer itself
 * @param text {@code address} as text
 * @param peerTrusted whether the peer's forwarding headers may be believed
 * @param hops the chain as the peer told it, the client's end first, without the peer; of more than
 *     {@link HardLimits#FORWARDED_HOPS} the last ones
 * @param clientHop where {@code address} stands in {@code hops}; their number if it is the peer
 * @param forwarded the element of Forwarded that was written of the client; null: that family is
 *     not the believed one
 */
public record ClientIdentity(
    InetAddress address,
    String text,
    boolean peerTrusted,
    List<String> hops,
    int clientHop,
    @Nullable ForwardedElement forwarded) {

  private static final String UNKNOWN = "unknown";

  /** Resolves the client of a request; without trust the headers are not looked at. */
  public static ClientIdentity resolve(
      ClientPeer peer, HttpHeaders headers, Predicate<InetAddress> trustedProxies) {
    if (peer.unnamed() || !trustedProxies.test(peer.address())) {
      return new ClientIdentity(peer.address(), peer.text(), false, List.of(), 0, null);
    }
    List<String> chain =
        Tokens.last(headers.getAll(ForwardingNames.X_FORWARDED_FOR), HardLimits.FORWARDED_HOPS);
    if (!chain.isEmpty() || ForwardingNames.saysMore(headers)) {
      return walk(peer, chain, null, trustedProxies);
    }
    List<ForwardedElement> elements =
        ForwardedElement.read(headers.getAll(ForwardingNames.FORWARDED));
    int most = HardLimits.FORWARDED_HOPS;
    List<ForwardedElement> last =
        elements.size() > most
            ? elements.subList(elements.size() - most, elements.size())
            : elements;
    List<String> nodes = new ArrayList<>(last.size());
    for (ForwardedElement element : last) {
      nodes.add(element.node() == null ? UNKNOWN : element.node());
    }
    return walk(peer, nodes, last, trustedProxies);
  }

  private static ClientIdentity walk(
      ClientPeer peer,
      List<String> chain,
      @Nullable List<ForwardedElement> elements,
      Predicate<InetAddress> trustedProxies) {
    InetAddress client = peer.address();
    int hop = chain.size();
    int told = chain.size();
    while (hop > 0) {
      // Whoever wrote this one is trusted.
      told = hop - 1;
      InetAddress address = AddressText.parse(chain.get(told));
      if (address == null) {
        // "unknown", an obfuscated name or rubbish: what is beyond it can't be attributed.
        break;
      }
      client = address;
      hop = told;
      if (!trustedProxies.test(address)) {
        break;
      }
    }
    return new ClientIdentity(
        client,
        AddressText.of(client),
        true,
        chain,
        hop,
        elements == null || elements.isEmpty() ? null : elements.get(told));
  }
}
