package dev.longshore.proxy.health;

import dev.longshore.proxy.dial.UpstreamConnection;
import dev.longshore.proxy.handshake.BareHandshake;
import dev.longshore.proxy.loop.DeadlineSweep;
import dev.longshore.proxy.tls.TlsStream;
import dev.longshore.proxy.tls.TlsTarget;
import dev.longshore.proxy.tunnel.ControlFrame;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import org.jspecify.annotations.Nullable;

/**
 * Whether a WebSocket handshake is answered by a 101 that verifies; then says goodbye by a Close
 * and FIN, as a client does that has nothing to say.
 */
final class WebSocketProbe extends Probe<UpstreamConnection> {
  private static final int NORMAL = 1000;

  private final BareHandshake handshake = new BareHandshake();
  private final ProbeHead head;
  private @Nullable UpstreamConnection asked;
  private @Nullable HttpHeaders switching;

  WebSocketProbe(
      DeadlineSweep deadlines, @Nullable TlsTarget tls, Verdict verdict, ProbeHead head) {
    super(deadlines, tls, verdict);
    this.head = head;
  }

  @Override
  protected void ask(UpstreamConnection connection) {
    asked = connection;
    head.writeHandshake(connection.channel(), handshake.key());
  }

  @Override
  protected void judge(HttpResponseStatus status, HttpHeaders fields) {
    if (status.code() == 101) {
      // Complete only with its last part, which the decoder sends at once.
      switching = fields;
    } else {
      bad("answered " + status.code());
    }
  }

  @Override
  public void part(ByteBuf bytes, boolean last) {
    HttpHeaders answer = switching;
    UpstreamConnection open = asked;
    switching = null;
    super.part(bytes, last);
    if (answer == null || open == null) {
      return;
    }
    if (last && handshake.isAcceptedBy(answer)) {
      good();
      open.leaveHttp();
      sayGoodbye(open.channel());
    } else {
      bad("the 101 is not an answer to the handshake");
    }
  }

  private static void sayGoodbye(Channel channel) {
    channel.write(ControlFrame.closeToUpstream(channel.alloc(), NORMAL), channel.voidPromise());
    TlsStream.end(channel)
        .addListener(
            written -> {
              if (written.isSuccess() && channel instanceof DuplexChannel duplex) {
                duplex.shutdownOutput();
              } else {
                channel.close();
              }
            });
  }
}
