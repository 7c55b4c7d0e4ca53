package dev.longshore.proxy.tls;

import dev.longshore.contract.KeyedHash;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;

/**
 * What an upstream connection is secured with. Connections of equal ones may stand in for each
 * other.
 *
 * @param context what is trusted and presented; by identity
 * @param name what the endpoint's certificate has to be for, and SNI asks for: a host name, or an
 *     address without brackets
 * @param anyName whether instead a certificate for whatever name will do, and none is asked for
 */
public record TlsTarget(ClientContext context, String name, boolean anyName) {
  /** A connection to whom the name belongs. */
  public TlsTarget(ClientContext context, String name) {
    this(context, name, false);
  }

  /**
   * A connection that carries nobody's request, so that there is no name to ask for: the
   * certificate has to be trusted, for any name. For probes.
   */
  public static TlsTarget ofAnyName(ClientContext context) {
    return new TlsTarget(context, "", true);
  }

  /** Keyed: clients choose the name where a pool gives none. */
  @Override
  public int hashCode() {
    return KeyedHash.mix(context.hashCode(), KeyedHash.of(name));
  }

  /** A handler for one connection, while the context is held. */
  public SslHandler handler(ByteBufAllocator allocator, int port) {
    return anyName ? context.handler(allocator) : context.handler(allocator, name, port);
  }

  /**
   * A handler for one connection that is to speak HTTP/2, while the context is held, which has to
   * {@linkplain ClientContext#speaksHttp2 offer it}.
   */
  public SslHandler http2Handler(ByteBufAllocator allocator, int port) {
    return context.http2Handler(allocator, name, port);
  }
}
