package dev.longshore.proxy.observe;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.longshore.contract.RuleSource;
import dev.longshore.contract.Settings;
import dev.longshore.proxy.tunnel.CloseCause;
import dev.longshore.proxy.tunnel.Tunnel;
import dev.longshore.proxy.tunnel.TunnelContext;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One JSON line per request, and one per tunnel at its end. Event loops only put a record into a
 * bounded queue; a thread of its own writes. When the reader of the log is slower than the traffic,
 * lines are dropped and counted, never traffic held up.
 */
public final class AccessLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AccessLog.class);
  private static final int QUEUE = 16_384;
  private static final int BUFFER_BYTES = 64 * 1024;
  private static final int FIRST_ERROR_STATUS = 400;

  private sealed interface Entry permits OfRequest, OfTunnel, End {}

  private record OfRequest(RequestEntry request) implements Entry {}

  private record OfTunnel(Tunnel tunnel, Instant end) implements Entry {}

  private record End() implements Entry {}

  private final Supplier<Settings.AccessLog> mode;
  private final OutputStream out;
  private final JsonFactory json = new JsonFactory();
  private final BlockingQueue<Entry> queue = new ArrayBlockingQueue<>(QUEUE);
  private final LongAdder dropped = new LongAdder();
  private final Thread writer;

  /**
   * Starts the writer.
   *
   * @param out where the lines go; flushed whenever nothing waits, never closed
   * @param mode asked for every entry, so that a change of settings counts at once
   */
  public AccessLog(OutputStream out, Supplier<Settings.AccessLog> mode) {
    this.out = new BufferedOutputStream(out, BUFFER_BYTES);
    this.mode = mode;
    this.writer = Thread.ofPlatform().daemon().name("longshore-access-log").start(this::write);
  }

  /** Logs a request, if the mode says so. Any thread; never blocks. */
  public void request(RequestEntry request) {
    boolean wanted =
        switch (mode.get()) {
          case ALL -> true;
          case TUNNELS_AND_ERRORS ->
              request.status() >= FIRST_ERROR_STATUS || request.failure() != null;
          case OFF -> false;
        };
    if (wanted) {
      offer(new OfRequest(request));
    }
  }

  /** Logs a tunnel that has ended, if the mode says so. Any thread; never blocks. */
  public void tunnel(Tunnel tunnel) {
    if (mode.get() != Settings.AccessLog.OFF) {
      offer(new OfTunnel(tunnel, Instant.now()));
    }
  }

  /** Lines that were not written because the queue was full. */
  public long dropped() {
    return dropped.sum();
  }

  private void offer(Entry entry) {
    if (!queue.offer(entry)) {
      dropped.increment();
    }
  }

  /** Writes what waits, for 5 s at most, and stops. */
  @Override
  public void close() {
    try {
      if (queue.offer(new End(), 1, TimeUnit.SECONDS)) {
        writer.join(TimeUnit.SECONDS.toMillis(5));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    writer.interrupt();
  }

  private void write() {
    try (JsonGenerator line = json.createGenerator(out)) {
      line.setRootValueSeparator(null);
      line.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      while (true) {
        Entry entry = queue.poll();
        if (entry == null) {
          out.flush();
          entry = queue.take();
        }
        switch (entry) {
          case OfRequest(RequestEntry request) -> writeRequest(line, request);
          case OfTunnel(Tunnel tunnel, Instant end) -> writeTunnel(line, tunnel, end);
          case End _ -> {
            out.flush();
            return;
          }
        }
        line.writeRaw('\n');
        line.flush();
      }
    } catch (IOException e) {
      LOG.error("the access log can't be written, and stops", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void writeRequest(JsonGenerator line, RequestEntry request) throws IOException {
    line.writeStartObject();
    line.writeStringField("type", "request");
    line.writeStringField("time", request.time().toString());
    line.writeStringField("client", request.client());
    line.writeStringField("requestId", request.requestId());
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
