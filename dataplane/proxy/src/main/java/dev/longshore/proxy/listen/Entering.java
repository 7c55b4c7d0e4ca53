package dev.longshore.proxy.listen;

import dev.longshore.proxy.http.ClientListener;
import dev.longshore.proxy.http.ServedConnection;
import dev.longshore.proxy.memory.Holder;
import dev.longshore.proxy.tls.ServerHandshake;
import dev.longshore.proxy.tls.TlsStream;
import io.netty.channel.Channel;

/** A connection at a gate: it doesn't speak HTTP yet. */
record Entering(Channel channel) implements ServedConnection {
  @Override
  public void drain() {
    // What it is here for is told to it once it speaks HTTP.
  }

  @Override
  public boolean cameBy(ClientListener listener) {
    // As with drain.
    return false;
  }

  @Override
  public void closeNow() {
    TlsStream.closeNow(channel);
  }

  @Override
  public Kind kind() {
    return Kind.ENTERING;
  }

  @Override
  public long heldBytes() {
    return Holder.waitingFor(channel) + ServerHandshake.heldBytes(channel);
  }

  @Override
  public void shed() {
    Holder.forgetUnsent(channel);
    TlsStream.cut(channel);
  }
}
