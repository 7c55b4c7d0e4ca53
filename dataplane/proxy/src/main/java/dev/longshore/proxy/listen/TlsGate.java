package dev.longshore.proxy.listen;

import dev.longshore.contract.Settings.Bounds;
import dev.longshore.proxy.http.Front;
import dev.longshore.proxy.http.Peer;
import dev.longshore.proxy.loop.Deadline;
import dev.longshore.proxy.tls.ServerHandshake;
import dev.longshore.proxy.tls.ServerHandshake.Failure;
import dev.longshore.proxy.tls.TlsSession;
import io.netty.channel.Channel;

/**
 * Lets a connection speak HTTP only behind a TLS handshake, which has as long as the head of a
 * request: slow ones are closed like slow headers.
 */
final class TlsGate extends Deadline implements ServerHandshake.Listener {
  private final Front front;
  private final Peer peer;
  private final Bounds bounds;
  private final Channel channel;
  private boolean late;

  private TlsGate(Channel channel, Front front, Peer peer, Bounds bounds) {
    this.channel = channel;
    this.front = front;
    this.peer = peer;
    this.bounds = bounds;
  }

  /**
   * Whether a client may begin a handshake; counted if it may not. The signature alone takes as
   * long as a hundred requests, so it is asked before a byte is read.
   */
  static boolean admits(Front front, Peer peer) {
    boolean admitted = front.limiter().admitTlsHandshake(peer.address());
    if (!admitted) {
      front.reports().tlsLimited();
    }
    return admitted;
  }

  /** Waits for the handshake of a connection, and then serves it. */
  static void install(Channel channel, Front front, Peer peer, Bounds bounds) {
    TlsGate gate = new TlsGate(channel, front, peer, bounds);
    front.entering(channel);
    front.deadlines().arm(gate, bounds.requestTimeout());
    ServerHandshake.install(channel, front::certificates, gate);
  }

  @Override
  public void secured(Channel secured, TlsSession session) {
    left();
    front.reports().tlsEstablished();
    Protection.NONE.serve(secured, front, peer.secured(session), bounds);
  }

  @Override
  public void failed(Channel failed, Failure failure) {
    left();
    front.reports().tlsFailed(failure, late);
  }

  private void left() {
    front.deadlines().disarm(this);
    front.entered(channel);
  }

  @Override
  protected void expired() {
    late = true;
    channel.close();
  }
}
