package dev.longshore.proxy.observe;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.longshore.contract.RuleSource;
import dev.longshore.proxy.answer.Failure;
import dev.longshore.proxy.tunnel.CloseCause;
import dev.longshore.proxy.tunnel.Tunnel;
import dev.longshore.proxy.tunnel.TunnelContext;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One JSON object a line, with every field. Used by one thread. */
final class JsonAccessLines implements AccessLines {
  private final JsonGenerator line;

  JsonAccessLines(OutputStream out) throws IOException {
    line = new JsonFactory().createGenerator(out);
    line.setRootValueSeparator(null);
  }

  @Override
  public void request(RequestEntry request) throws IOException {
    writeRequest(line, request);
    end();
  }

  @Override
  public void tunnel(Tunnel tunnel, Instant end) throws IOException {
    writeTunnel(line, tunnel, end);
    end();
  }

  private void end() throws IOException {
    line.writeRaw('\n');
    line.flush();
  }

  private static void writeRequest(JsonGenerator line, RequestEntry request) throws IOException {
    line.writeStartObject();
    line.writeStringField("type", "request");
    line.writeStringField("time", request.time().toString());
    line.writeStringField("client", request.client());
    line.writeStringField("requestId", request.requestId());
    line.writeStringField("protocol", request.protocol());
    line.writeStringField("method", request.method());
    line.writeStringField("host", request.host());
    line.writeStringField("path", request.path());
    line.writeBooleanField("upgrade", request.upgrade());
    line.writeNumberField("status", request.status());
    line.writeNumberField("durationMs", millis(request.durationNanos()));
    line.writeNumberField("bytesFromClient", request.bytesFromClient());
    line.writeNumberField("bytesToClient", request.bytesToClient());
    Failure failure = request.failure();
    if (failure != null) {
      line.writeStringField("reason", failure.reason().label());
      line.writeStringField("detail", failure.detail());
    }
    writeRoute(line, request.source(), request.endpoint());
    line.writeEndObject();
  }

  private static void writeTunnel(JsonGenerator line, Tunnel tunnel, Instant end)
      throws IOException {
    TunnelContext context = tunnel.context();
    CloseCause cause = tunnel.cause();
    line.writeStartObject();
    line.writeStringField("type", "tunnel");
    line.writeStringField("time", end.toString());
    line.writeStringField("client", context.client());
    line.writeStringField("requestId", context.requestId());
    line.writeStringField("protocol", context.protocol());
    line.writeStringField("host", context.host());
    line.writeStringField("path", context.path());
    if (context.subprotocol() != null) {
      line.writeStringField("subprotocol", context.subprotocol());
    }
    line.writeNumberField("durationMs", millis(tunnel.ageNanos()));
    line.writeNumberField("bytesFromClient", tunnel.bytesFromClient());
    line.writeNumberField("bytesFromUpstream", tunnel.bytesFromUpstream());
    line.writeNumberField("messagesFromClient", tunnel.messagesFromClient());
    line.writeNumberField("messagesFromUpstream", tunnel.messagesFromUpstream());
    line.writeStringField("closedBy", cause == null ? "unknown" : cause.reason());
    writeCode(line, "clientCloseCode", tunnel.clientCloseCode());
    writeCode(line, "upstreamCloseCode", tunnel.upstreamCloseCode());
    writeCode(line, "sentCloseCode", tunnel.injectedCloseCode());
    writeRoute(line, context.source(), context.endpoint().socketAddress());
    line.writeEndObject();
  }

  private static void writeCode(JsonGenerator line, String name, int code) throws IOException {
    if (code != 0) {
      line.writeNumberField(name, code);
    }
  }

  private static void writeRoute(
      JsonGenerator line, @Nullable RuleSource source, @Nullable InetSocketAddress endpoint)
      throws IOException {
    if (source != null) {
      line.writeStringField("route", source.resource());
      line.writeStringField("location", source.location());
    }
    if (endpoint != null) {
      line.writeStringField("endpoint", Endpoints.text(endpoint));
    }
  }

  private static double millis(long nanos) {
    return Math.round(nanos / 1000.0) / 1000.0;
  }
}
