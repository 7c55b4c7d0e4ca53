package dev.longshore.proxy.health;

import dev.longshore.proxy.dial.UpstreamConnection;
import dev.longshore.proxy.loop.DeadlineSweep;
import dev.longshore.proxy.tls.TlsTarget;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import org.jspecify.annotations.Nullable;

/** Whether a GET is answered by 2xx or 3xx, which is not followed: as a kubelet would ask. */
final class HttpProbe extends Probe {
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
  protected void judge(HttpResponse answer) {
    int status = answer.status().code();
    if (status >= 200 && status < 400) {
      good();
    } else {
      bad("answered " + status);
    }
  }

  @Override
  public void part(HttpContent content) {
    boolean last = content instanceof LastHttpContent;
    super.part(content);
    if (last) {
      answered();
    }
  }
}
