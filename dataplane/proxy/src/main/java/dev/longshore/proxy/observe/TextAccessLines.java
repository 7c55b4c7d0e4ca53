package dev.longshore.proxy.observe;

import dev.longshore.proxy.answer.Failure;
import dev.longshore.proxy.tunnel.CloseCause;
import dev.longshore.proxy.tunnel.Tunnel;
import dev.longshore.proxy.tunnel.TunnelContext;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A line for people, in the order of the log formats that they know: who, what, with which outcome.
 * It is shorter than the JSON of the same entry; what clients choose can't pass for another line.
 * Used by one thread.
 */
final class TextAccessLines implements AccessLines {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");

  private final OutputStream out;
  private final ZoneId zone;

  TextAccessLines(OutputStream out, ZoneId zone) {
    this.out = out;
    this.zone = zone;
  }

  @Override
  public void request(RequestEntry request) throws IOException {
    StringBuilder line = begin(request.time(), request.client());
    word(line, request.method());
    word(line, request.host() + request.path());
    if (request.upgrade()) {
      line.append(" upgrade");
    }
    line.append(' ');
    if (request.status() == 0) {
      line.append("client left");
    } else {
      line.append(request.status()).append(", ").append(request.bytesToClient()).append(" bytes");
    }
    line.append(String.format(Locale.ROOT, " in %.1f ms", request.durationNanos() / 1e6));
    from(line, request.endpoint());
    Failure failure = request.failure();
    if (failure != null) {
      line.append(": ").append(failure.reason().label()).append(": ");
      Printable.append(line, failure.detail());
    }
    write(line);
  }

  @Override
  public void tunnel(Tunnel tunnel, Instant end) throws IOException {
    TunnelContext context = tunnel.context();
    CloseCause cause = tunnel.cause();
    StringBuilder line = begin(end, context.client());
    word(line.append(" WebSocket"), context.host() + context.path());
    line.append(" open for ").append(time(Duration.ofNanos(tunnel.ageNanos())));
    from(line, context.endpoint().socketAddress());
    line.append(", ")
        .append(tunnel.messagesFromClient())
        .append(" messages in, ")
        .append(tunnel.messagesFromUpstream())
        .append(" out, closed by ")
        .append(cause == null ? "unknown" : cause.reason());
    code(line, "client", tunnel.clientCloseCode());
    code(line, "upstream", tunnel.upstreamCloseCode());
    code(line, "sent", tunnel.injectedCloseCode());
    write(line);
  }

  private StringBuilder begin(Instant time, String client) {
    StringBuilder line = new StringBuilder(160);
    TIME.formatTo(time.atZone(zone), line);
    word(line, client);
    return line;
  }

  private static void word(StringBuilder line, String text) {
    Printable.append(line.append(' '), text.isEmpty() ? "-" : text);
  }

  private static void from(StringBuilder line, @Nullable InetSocketAddress endpoint) {
    if (endpoint != null) {
      line.append(" by ").append(Endpoints.text(endpoint));
    }
  }

  private static void code(StringBuilder line, String who, int code) {
    if (code != 0) {
      line.append(", ").append(who).append(' ').append(code);
    }
  }

  /** {@code 0.4s}, {@code 31m 5s}, {@code 49h 3m}. */
  private static String time(Duration age) {
    if (age.toMinutes() == 0) {
      return String.format(Locale.ROOT, "%.1fs", age.toMillis() / 1e3);
    }
    return age.toHours() == 0
        ? age.toMinutes() + "m " + age.toSecondsPart() + "s"
        : age.toHours() + "h " + age.toMinutesPart() + "m";
  }

  private void write(StringBuilder line) throws IOException {
    out.write(line.append('\n').toString().getBytes(StandardCharsets.UTF_8));
  }
}
