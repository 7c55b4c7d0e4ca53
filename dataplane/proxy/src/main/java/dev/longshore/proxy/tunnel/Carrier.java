package dev.longshore.proxy.tunnel;

import io.netty.channel.EventLoop;

/**
 * What a tunnel is laid over, once no HTTP is spoken on it any more: a connection, or a stream of
 * one. On its event loop.
 */
public interface Carrier {
  /** Its event loop, which has to be that of the other one, too. */
  EventLoop eventLoop();

  /**
   * Its end of the tunnel, to which it belongs from now on. Once.
   *
   * @param readBuffer of its event loop
   */
  TunnelEnd end(ReadBuffer readBuffer);
}
