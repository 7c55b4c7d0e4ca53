package dev.longshore.proxy.http1;

import dev.longshore.contract.Settings.Bounds;
import dev.longshore.proxy.http.ClientListener;
import dev.longshore.proxy.http.ClientPeer;
import dev.longshore.proxy.http.LoopContext;
import dev.longshore.proxy.http.ServedConnection;
import dev.longshore.proxy.memory.Holder;
import dev.longshore.proxy.tls.TlsStream;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;

/**
 * One client connection while it speaks HTTP: what its pipeline tells, and what its event loop asks
 * of it. What is spoken is a {@link Conversation}.
 */
public final class ClientConnection extends ChannelInboundHandlerAdapter
    implements ServedConnection {
  private final Channel channel;
  private final LoopContext loopContext;
  private final ClientPeer peer;
  private final Conversation conversation;

  private ClientConnection(
      Channel channel, LoopContext loopContext, ClientPeer peer, Bounds bounds) {
    this.channel = channel;
    this.loopContext = loopContext;
    this.peer = peer;
    this.conversation = new Conversation(this, channel, loopContext, peer, bounds);
  }

  /**
   * Has HTTP spoken on an open connection. On its event loop.
   *
   * @param loopContext what all connections of its event loop share
   * @param peer who is connected
   * @param bounds as they are when it is accepted
   */
  public static void serve(
      Channel channel, LoopContext loopContext, ClientPeer peer, Bounds bounds) {
    ClientConnection connection = new ClientConnection(channel, loopContext, peer, bounds);
    loopContext.opened(connection);
    // TLS can't be half closed: its library ends both directions at a close_notify.
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, peer.tls() == null);
    connection.conversation.install();
    channel.pipeline().addLast("http", connection);
    connection.conversation.begin();
  }

  /** Takes itself away, so that a tunnel can have the channel. */
  void handOver() {
    loopContext.left(this);
    channel.pipeline().remove(this);
  }

  // ---- for its event loop

  @Override
  public void drain() {
    conversation.drain();
  }

  @Override
  public boolean cameBy(ClientListener listener) {
    return peer.listener().equals(listener);
  }

  @Override
  public void closeNow() {
    TlsStream.closeNow(channel);
  }

  @Override
  public Kind kind() {
    return Kind.HTTP;
  }

  @Override
  public long heldBytes() {
    return Holder.waitingFor(channel) + conversation.heldBytes();
  }

  @Override
  public long heldHeap() {
    return conversation.heldHeap();
  }

  @Override
  public void shed() {
    Holder.forgetUnsent(channel);
    TlsStream.cut(channel);
  }

  // ---- from its pipeline

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    conversation.read(message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    conversation.readComplete();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    conversation.writabilityChanged();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslCloseCompletionEvent) {
      // As with FIN: who closes its stream waits for no answer.
      ctx.close();
    } else if (event instanceof ChannelInputShutdownEvent) {
      conversation.inputEnded();
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    loopContext.left(this);
    conversation.gone();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // A reset: channelInactive says the rest.
    ctx.close();
  }
}
