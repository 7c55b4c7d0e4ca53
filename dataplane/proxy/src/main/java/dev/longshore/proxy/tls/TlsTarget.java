package dev.longshore.proxy.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;

/**
 * What an upstream connection is secured with. Connections of equal ones may stand in for each
 * other.
 *
 * @param context what is trusted and presented; by identity
 * @param name what the endpoint's certificate has to be for, and SNI asks for: a host name, or an
 *     address without brackets
 */
public record TlsTarget(ClientContext context, String name) {
  /** A handler for one connection, while the context is held. */
  public SslHandler handler(ByteBufAllocator allocator, int port) {
    return context.handler(allocator, name, port);
  }
}
