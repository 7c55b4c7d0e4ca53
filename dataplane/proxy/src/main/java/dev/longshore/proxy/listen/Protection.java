package dev.longshore.proxy.listen;

import dev.longshore.contract.Settings.Bounds;
import dev.longshore.proxy.http.ClientConnection;
import dev.longshore.proxy.http.Front;
import dev.longshore.proxy.http.Peer;
import dev.longshore.proxy.limit.ClientSlot;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;

/** What lies under HTTP on a listener. */
enum Protection {
  /** Nothing: requests come in the clear. */
  NONE {
    @Override
    void serve(Channel channel, Front front, Peer peer, Bounds bounds) {
      new ClientConnection(front, peer, bounds).install(channel);
    }
  },
  /** TLS from the first byte. */
  TLS {
    @Override
    void serve(Channel channel, Front front, Peer peer, Bounds bounds) {
      TlsGate.install(channel, front, peer, bounds);
    }

    @Override
    boolean admits(Front front, Peer peer) {
      return TlsGate.admits(front, peer);
    }
  };

  /**
   * Serves a connection of which it is known whose it is, unless that one has too many, or too
   * often.
   */
  final void admit(Channel channel, Front front, Peer peer, Bounds bounds) {
    boolean proxy = front.trustsProxy(peer.address());
    if (proxy || (ClientSlot.of(channel).claim(peer.address()) && admits(front, peer))) {
      serve(channel, front, peer, bounds);
    } else {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
      channel.close();
    }
  }

  /** Whether a client that is no trusted proxy may have what it costs to serve it. */
  boolean admits(Front front, Peer peer) {
    return true;
  }

  abstract void serve(Channel channel, Front front, Peer peer, Bounds bounds);
}
