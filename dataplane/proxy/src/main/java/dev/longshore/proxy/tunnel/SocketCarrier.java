package dev.longshore.proxy.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;

/** A connection of its own, from which all codecs are gone once {@link #end} is asked for. */
public record SocketCarrier(Channel channel) implements Carrier {
  @Override
  public EventLoop eventLoop() {
    return channel.eventLoop();
  }

  @Override
  public TunnelEnd end(ReadBuffer readBuffer) {
    return new SocketEnd(channel, readBuffer);
  }
}
