package dev.longshore.proxy.listen;

import dev.longshore.contract.Listener;
import dev.longshore.contract.Settings.ProxyProtocol;
import dev.longshore.proxy.http.LoopContext;
import dev.longshore.proxy.net.CidrSet;
import dev.longshore.proxy.net.HostSet;
import dev.longshore.proxy.tls.TlsTerms;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * What clients find at a listener, compiled.
 *
 * @param tls the names it serves, and the versions of TLS
 * @param proxyHeaders whether connections begin with a PROXY header, and whose are believed
 */
record ListenerTerms(TlsTerms tls, ProxyHeaders proxyHeaders) {
  /** What the settings of all say, which are those of the moment. */
  static final ListenerTerms OF_SETTINGS =
      new ListenerTerms(
          TlsTerms.NONE,
          new ProxyHeaders() {
            @Override
            public boolean required(LoopContext context) {
              return context.settings().proxyProtocol() == ProxyProtocol.REQUIRED;
            }

            @Override
            public boolean believedOf(InetAddress peer, LoopContext context) {
              return context.believesProxyHeaderOf(peer);
            }
          });

  /** What a listener of the table says. */
  static ListenerTerms of(Listener listener) {
    return new ListenerTerms(
        new TlsTerms(HostSet.of(listener.hosts()), listener.tls()),
        new Own(
            listener.proxyProtocolFrom() == null
                ? null
                : CidrSet.of(listener.proxyProtocolFrom())));
  }

  /** Asked on the event loop of a connection that was accepted. */
  interface ProxyHeaders {
    boolean required(LoopContext context);

    boolean believedOf(InetAddress peer, LoopContext context);
  }

  private record Own(@Nullable CidrSet balancers) implements ProxyHeaders {
    @Override
    public boolean required(LoopContext context) {
      return balancers != null;
    }

    @Override
    public boolean believedOf(InetAddress peer, LoopContext context) {
      return balancers != null && balancers.contains(peer);
    }
  }
}
