package dev.longshore.proxy.listen;

import dev.longshore.contract.Settings.Bounds;
import dev.longshore.contract.Settings.Http2;
import dev.longshore.proxy.http.ClientPeer;
import dev.longshore.proxy.http.LoopContext;
import dev.longshore.proxy.http1.ClientConnection;
import dev.longshore.proxy.limit.ClientSlot;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;

/** What lies under HTTP on a listener. */
enum ListenerSecurity {
  /** Nothing: requests come in the clear. */
  NONE {
    @Override
    void serve(Channel channel, LoopContext context, ClientPeer peer, Bounds bounds) {
      Http2 http2 = context.settings().http2();
      if (http2 != null && http2.http()) {
        PrefaceGate.install(channel, context, peer, bounds);
      } else {
        ClientConnection.serve(channel, context, peer, bounds);
      }
    }
  },
  /** TLS from the first byte. */
  TLS {
    @Override
    void serve(Channel channel, LoopContext context, ClientPeer peer, Bounds bounds) {
      TlsGate.install(channel, context, peer, bounds);
    }

    @Override
    boolean admits(LoopContext context, ClientPeer peer) {
      return TlsGate.admits(context, peer);
    }
  };

  /**
   * Serves a connection of which it is known whose it is, unless that one has too many, or too
   * often.
   */
  final void admit(Channel channel, LoopContext context, ClientPeer peer, Bounds bounds) {
    boolean proxy = context.trustsProxy(peer.address());
    if (proxy || (ClientSlot.of(channel).claim(peer.address()) && admits(context, peer))) {
      serve(channel, context, peer, bounds);
    } else {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
      channel.close();
    }
  }

  /** Whether a client that is no trusted proxy may have what it costs to serve it. */
  boolean admits(LoopContext context, ClientPeer peer) {
    return true;
  }

  abstract void serve(Channel channel, LoopContext context, ClientPeer peer, Bounds bounds);
}
