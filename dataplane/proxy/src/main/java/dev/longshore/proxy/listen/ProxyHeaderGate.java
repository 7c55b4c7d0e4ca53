package dev.longshore.proxy.listen;

import dev.longshore.contract.Settings.Bounds;
import dev.longshore.proxy.http.Front;
import dev.longshore.proxy.http.Peer;
import dev.longshore.proxy.loop.Deadline;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.util.NetUtil;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * Lets a connection speak TLS or HTTP only behind a PROXY protocol header (v1 or v2), whose source
 * address is the peer from then on. A connection without one, or with one that can't be read, is
 * closed without an answer, as the protocol's specification asks (§2).
 */
final class ProxyHeaderGate extends ChannelInboundHandlerAdapter {
  private static final int MAX_TLV_BYTES = 1024;

  private final Front front;
  private final Bounds bounds;
  private final Protection protection;
  private final Deadline deadline;
  private @Nullable SocketChannel channel;

  ProxyHeaderGate(Front front, Bounds bounds, Protection protection) {
    this.front = front;
    this.bounds = bounds;
    this.protection = protection;
    this.deadline =
        new Deadline() {
          @Override
          protected void expired() {
            close();
          }
        };
  }

  void install(SocketChannel accepted) {
    channel = accepted;
    accepted.pipeline().addLast(new HAProxyMessageDecoder(MAX_TLV_BYTES), this);
    front.deadlines().arm(deadline, bounds.requestTimeout());
  }

  private void close() {
    SocketChannel open = channel;
    if (open != null) {
      open.close();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof HAProxyMessage header)) {
      ReferenceCountUtil.release(message);
      ctx.close();
      return;
    }
    try {
      Peer peer = peer(header);
      if (peer == null) {
        ctx.close();
        return;
      }
      front.deadlines().disarm(deadline);
      protection.admit(ctx.channel(), front, peer, bounds);
      // What follows the header is handed on when the decoder goes, right after this.
      ctx.pipeline().remove(this);
    } finally {
      header.release();
    }
  }

  /** Null when the header names an address family that we can't use. */
  private @Nullable Peer peer(HAProxyMessage header) {
    SocketChannel open = java.util.Objects.requireNonNull(channel);
    if (header.command() == HAProxyCommand.LOCAL || header.sourceAddress() == null) {
      // The balancer's own health check, or "UNKNOWN": the connection speaks for itself.
      return Peer.of(open.remoteAddress().getAddress(), open.localAddress().getPort());
    }
    byte[] source = NetUtil.createByteArrayFromIpAddressString(header.sourceAddress());
    if (source == null) {
      return null;
    }
    try {
      return Peer.of(InetAddress.getByAddress(source), header.destinationPort());
    } catch (UnknownHostException e) {
      return null;
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    front.deadlines().disarm(deadline);
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
