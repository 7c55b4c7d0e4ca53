package dev.longshore.proxy.listen;

import dev.longshore.contract.Settings.Bounds;
import dev.longshore.contract.Settings.Http2;
import dev.longshore.proxy.http.ClientPeer;
import dev.longshore.proxy.http.LoopContext;
import dev.longshore.proxy.http1.ClientConnection;
import dev.longshore.proxy.http2.MultiplexedConnection;
import dev.longshore.proxy.loop.Deadline;
import dev.longshore.proxy.tls.ServerHandshake;
import dev.longshore.proxy.tls.ServerHandshake.Failure;
import dev.longshore.proxy.tls.TlsSession;
import dev.longshore.proxy.tls.TlsStream;
import io.netty.channel.Channel;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;

/**
 * Lets a connection speak HTTP only behind a TLS handshake, which has as long as the head of a
 * request: slow ones are closed like slow headers.
 */
final class TlsGate extends Deadline implements ServerHandshake.Listener {
  private final LoopContext context;
  private final ClientPeer peer;
  private final Bounds bounds;
  private final Channel channel;
  private final Entering entering;
  private boolean late;

  private TlsGate(Channel channel, LoopContext context, ClientPeer peer, Bounds bounds) {
    this.channel = channel;
    this.entering = new Entering(channel);
    this.context = context;
    this.peer = peer;
    this.bounds = bounds;
  }

  /**
   * Whether a client may begin a handshake; counted if it may not. The signature alone takes as
   * long as a hundred requests, so it is asked before a byte is read.
   */
  static boolean admits(LoopContext context, ClientPeer peer) {
    boolean admitted = context.limiter().admitTlsHandshake(peer.address());
    if (!admitted) {
      context.recorder().tlsLimited();
    }
    return admitted;
  }

  /** Waits for the handshake of a connection, and then serves it. */
  static void install(Channel channel, LoopContext context, ClientPeer peer, Bounds bounds) {
    TlsGate gate = new TlsGate(channel, context, peer, bounds);
    context.entering(gate.entering);
    context.deadlines().arm(gate, bounds.requestTimeout());
    ServerHandshake.install(channel, context::certificates, peer.listener().tls(), gate);
  }

  @Override
  public void secured(Channel secured, TlsSession session) {
    left();
    context.recorder().tlsEstablished();
    ClientPeer known = peer.secured(session);
    Http2 http2 = context.settings().http2();
    SslHandler tls = TlsStream.of(secured);
    if (tls != null && ApplicationProtocolNames.HTTP_2.equals(tls.applicationProtocol())) {
      int streams = (http2 == null ? Http2.DEFAULT : http2).maxConcurrentStreams();
      MultiplexedConnection.serve(secured, context, known, bounds, streams);
    } else {
      ClientConnection.serve(secured, context, known, bounds);
    }
  }

  @Override
  public void failed(Channel failed, Failure failure) {
    left();
    context.recorder().tlsFailed(failure, late);
  }

  private void left() {
    context.deadlines().disarm(this);
    context.entered(entering);
  }

  @Override
  protected void expired() {
    late = true;
    channel.close();
  }
}
