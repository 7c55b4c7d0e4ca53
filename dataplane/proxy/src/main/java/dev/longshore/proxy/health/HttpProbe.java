package dev.longshore.proxy.health;

import dev.longshore.proxy.dial.UpstreamConnection;
import dev.longshore.proxy.loop.DeadlineSweep;
import dev.longshore.proxy.tls.TlsTarget;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import org.jspecify.annotations.Nullable;

/** Whether a GET is answered by 2xx or 3xx, which is not followed: as a kubelet would ask. */
final class HttpProbe extends Probe<UpstreamConnection> {
  private final ProbeHead head;

  HttpProbe(DeadlineSweep deadlines, @Nullable TlsTarget tls, Verdict verdict, ProbeHead head) {
    super(deadlines, tls, verdict);
    this.head = head;
  }

  @Override
  protected void ask(UpstreamConnection connection) {
    head.writePlain(connection.channel());
  }

  @Override
  protected void judge(HttpResponseStatus status, HttpHeaders fields) {
    int code = status.code();
    if (code >= 200 && code < 400) {
      good();
    } else {
      bad("answered " + code);
    }
  }

  @Override
  public void part(ByteBuf bytes, boolean last) {
    super.part(bytes, last);
    if (last) {
      answered();
    }
  }
}
