package dev.longshore.proxy.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;

/** A connection without codecs. */
record SocketCarrier(Channel channel) implements Carrier {
  @Override
  public EventLoop eventLoop() {
    return channel.eventLoop();
  }

  @Override
  public TunnelEnd end(ReadBuffer readBuffer) {
    return new SocketEnd(channel, readBuffer);
  }
}
