package dev.longshore.cli.text;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import dev.longshore.proxy.observe.Printable;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.TimeoutException;

/**
 * Lines for people: the time of day, the level, a sentence. What went wrong outside of this process
 * (a network, a disk, a cluster) is part of the sentence; the stack is there only where it helps,
 * which is where a bug may be. Used by any thread.
 */
public final class TextLayout extends LayoutBase<ILoggingEvent> {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");

  private final ZoneId zone;

  public TextLayout(ZoneId zone) {
    this.zone = zone;
  }

  @Override
  public String doLayout(ILoggingEvent event) {
    StringBuilder line = new StringBuilder();
    TIME.formatTo(Instant.ofEpochMilli(event.getTimeStamp()).atZone(zone), line);
    line.append(' ').append(event.getLevel());
    while (line.length() < "HH:mm:ss LEVEL ".length()) {
      line.append(' ');
    }
    Printable.append(line, String.valueOf(event.getFormattedMessage()));
    IThrowableProxy thrown = event.getThrowableProxy();
    if (thrown != null) {
      append(line, thrown);
    }
    return line.append('\n').toString();
  }

  private static void append(StringBuilder line, IThrowableProxy thrown) {
    if (isOutside(thrown)) {
      String why = thrown.getMessage();
      Printable.append(line.append(": "), why == null ? simpleName(thrown) : why);
      return;
    }
    for (String each : ThrowableProxyUtil.asString(thrown).lines().toList()) {
      // A message may have lines of its own, from anywhere; the indent tells them from log lines.
      Printable.append(line.append("\n  "), each.replace("\t", "  "));
    }
  }

  /** Whether the failure is none of this program: its place in the code says nothing to anybody. */
  private static boolean isOutside(IThrowableProxy thrown) {
    return thrown instanceof ThrowableProxy proxy
        && (proxy.getThrowable() instanceof IOException
            || proxy.getThrowable() instanceof TimeoutException
            || proxy.getThrowable() instanceof KubernetesClientException);
  }

  private static String simpleName(IThrowableProxy thrown) {
    String name = thrown.getClassName();
    return name.substring(name.lastIndexOf('.') + 1);
  }
}
