package dev.longshore.operator.translate.ingress.nginx;

import dev.longshore.contract.Durations;
import dev.longshore.operator.translate.policy.SingleLeaves;
import dev.longshore.operator.translate.policy.TimeoutsReader;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How long things may take, and how often they are tried. nginx's times are gaps between two reads
 * or writes, and no totals: that of a WebSocket's reads is started anew by what passes either way
 * ({@code ngx_http_upstream_process_upgraded}), so it is the idle time-out here.
 */
final class TimeOuts implements Family {
  private static final String READ = "proxy-read-timeout";

  /** What nginx takes for a gap when nothing is said. */
  private static final Duration BY_DEFAULT = Duration.ofSeconds(60);

  private static final int MOST_RETRIES = 10;

  private final NginxAnnotations nginx;

  TimeOuts(NginxAnnotations nginx) {
    this.nginx = nginx;
  }

  @Override
  public void judge(String name, String value, String at, Served served, Problems found) {
    switch (name) {
      case "proxy-next-upstream" -> nextUpstream(value, at, served, found);
      case "proxy-next-upstream-tries" -> tries(value, at, served, found);
      default -> {
        Duration time = time(value, at, found);
        if (time != null) {
          timeOut(name, time, at, served, found);
        }
      }
    }
  }

  private static @Nullable Duration time(String value, String at, Problems found) {
    try {
      return NginxTime.parse(value);
    } catch (IllegalArgumentException e) {
      found.warn(Reason.NOT_SUPPORTED, at, e.getMessage() + "; the default holds");
      return null;
    }
  }

  private void timeOut(String name, Duration time, String at, Served served, Problems found) {
    String text = Durations.format(time);
    switch (name) {
      case "proxy-connect-timeout" -> {
        served.state(TimeoutsReader.CONNECT, text, at);
        served.same(at, Map.of("connect-timeout", text));
        Served.translated(found, at, "longshore.dev/connect-timeout: " + text);
      }
      case READ -> {
        served.state(TimeoutsReader.IDLE, text, at);
        served.state(TimeoutsReader.RESPONSE, text, at);
        served.same(at, Map.of("idle-timeout", text, "response-timeout", text));
        Served.translated(
            found,
            at,
            "longshore.dev/idle-timeout: " + text + " and longshore.dev/response-timeout: " + text);
      }
      case "proxy-send-timeout" -> {
        if (nginx.isWritten(READ)) {
          found.note(
              Reason.NO_EFFECT,
              at,
              "no effect beside " + READ + ", which bounds what is idle, in both directions");
        } else if (time.compareTo(BY_DEFAULT) <= 0) {
          found.note(
              Reason.NO_EFFECT,
              at,
              "no effect here: writes that get nowhere end after a minute, and what is idle later");
        } else {
          served.state(TimeoutsReader.IDLE, text, at);
          served.same(at, Map.of("idle-timeout", text));
          Served.translated(
              found,
              at,
              "longshore.dev/idle-timeout: " + text + ": one bound is for both directions");
        }
      }
      default -> throw new IllegalStateException("nobody reads " + name);
    }
  }

  private static void nextUpstream(String value, String at, Served served, Problems found) {
    if (value.equals("off")) {
      served.state(SingleLeaves.RETRIES, 0, at);
      served.same(at, Map.of("retries", "0"));
      Served.translated(found, at, "longshore.dev/retries: 0");
    } else {
      found.note(
          Reason.NO_EFFECT,
          at,
          "no effect here: another endpoint is tried when a connection fails before anything was"
              + " sent to the client, and not because of what an endpoint answered");
    }
  }

  private void tries(String value, String at, Served served, Problems found) {
    if (value.length() > 9 || !value.chars().allMatch(c -> c >= '0' && c <= '9')) {
      found.warn(
          Reason.NOT_SUPPORTED,
          at,
          Quote.of(value) + " is not a whole number; the default holds, 2 further tries");
      return;
    }
    if ("off".equals(nginx.written("proxy-next-upstream"))) {
      found.note(Reason.NO_EFFECT, at, "no effect: proxy-next-upstream is off");
      return;
    }
    // The first attempt is one of them; 0 is no bound.
    int tries = Integer.parseInt(value);
    int retries = tries == 0 ? MOST_RETRIES : Math.min(tries - 1, MOST_RETRIES);
    served.state(SingleLeaves.RETRIES, retries, at);
    served.same(at, Map.of("retries", String.valueOf(retries)));
    Served.translated(found, at, "longshore.dev/retries: " + retries);
  }
}
