package dev.longshore.proxy.listen;

import dev.longshore.contract.Settings.Bounds;
import dev.longshore.proxy.http.ClientPeer;
import dev.longshore.proxy.http.LoopContext;
import dev.longshore.proxy.loop.Deadline;
import dev.longshore.proxy.observe.ProxyHeaderOutcome;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxySSLTLV;
import io.netty.handler.codec.haproxy.HAProxyTLV;
import io.netty.util.NetUtil;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * Lets a connection of a trusted balancer speak TLS or HTTP only behind a PROXY protocol header (v1
 * or v2), whose source address is the peer from then on. A connection without one, or with one that
 * can't be read, is closed without an answer, as the protocol's specification asks (§2). It counts
 * as entering meanwhile, so it doesn't outlive the listeners.
 */
final class ProxyHeaderGate extends ChannelInboundHandlerAdapter {
  /** What may follow the addresses of a v2 header; only whether there was TLS is used. */
  static final int MAX_TLV_BYTES = 1024;

  private final SocketChannel channel;
  private final Entering entering;
  private final LoopContext context;
  private final Bounds bounds;
  private final ListeningSocket listener;
  private final Deadline deadline;
  private boolean over;

  ProxyHeaderGate(
      SocketChannel channel, LoopContext context, Bounds bounds, ListeningSocket listener) {
    this.channel = channel;
    this.entering = new Entering(channel);
    this.context = context;
    this.bounds = bounds;
    this.listener = listener;
    this.deadline =
        new Deadline() {
          @Override
          protected void expired() {
            refuse(ProxyHeaderOutcome.TIMED_OUT);
          }
        };
  }

  void install() {
    channel.pipeline().addLast(new HAProxyMessageDecoder(MAX_TLV_BYTES), this);
    context.entering(entering);
    context.deadlines().arm(deadline, bounds.requestTimeout());
  }

  /** Leaves once; what comes later, such as the decoder's last words, changes nothing. */
  private boolean leave(ProxyHeaderOutcome outcome) {
    if (over) {
      return false;
    }
    over = true;
    context.deadlines().disarm(deadline);
    context.entered(entering);
    context.recorder().proxyHeader(outcome);
    return true;
  }

  private void refuse(ProxyHeaderOutcome outcome) {
    leave(outcome);
    channel.close();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof HAProxyMessage header)) {
      ReferenceCountUtil.release(message);
      refuse(ProxyHeaderOutcome.MALFORMED);
      return;
    }
    try {
      // Of a connection that ended, the decoder may still find one in what is left.
      if (channel.isActive() && leave(ProxyHeaderOutcome.ACCEPTED)) {
        listener.security().admit(channel, context, peer(header), bounds);
        // What follows the header is handed on when the decoder goes, right after this.
        ctx.pipeline().remove(this);
      }
    } finally {
      header.release();
    }
  }

  /**
   * The source that the header names. Without one, by LOCAL, UNKNOWN or a family that has no
   * addresses of hosts, the connection's own endpoints count (§2.1, §2.2).
   */
  private ClientPeer peer(HAProxyMessage header) {
    InetAddress source =
        header.command() == HAProxyCommand.LOCAL ? null : address(header.sourceAddress());
    return source == null
        ? ClientPeer.unnamed(channel.remoteAddress().getAddress(), isSecured(header), listener)
        : ClientPeer.announced(source, header.destinationPort(), isSecured(header), listener);
  }

  /** Whether the client speaks TLS to whoever sent the header (PP2_TYPE_SSL, §2.2.5). */
  private static boolean isSecured(HAProxyMessage header) {
    for (HAProxyTLV field : header.tlvs()) {
      if (field instanceof HAProxySSLTLV tls && tls.isPP2ClientSSL()) {
        return true;
      }
    }
    return false;
  }

  private static @Nullable InetAddress address(@Nullable String text) {
    byte[] bytes = text == null ? null : NetUtil.createByteArrayFromIpAddressString(text);
    try {
      return bytes == null ? null : InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      return null;
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    leave(ProxyHeaderOutcome.ABANDONED);
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    refuse(
        cause instanceof java.io.IOException
            ? ProxyHeaderOutcome.ABANDONED
            : ProxyHeaderOutcome.MALFORMED);
  }
}
