package dev.longshore.operator.translate.ingress.nginx;

import dev.longshore.operator.translate.field.Cidrs;
import dev.longshore.operator.translate.policy.AccessReader;
import dev.longshore.operator.translate.policy.Leaf;
import dev.longshore.operator.translate.policy.LimitsReader;
import dev.longshore.operator.translate.policy.RequestRateReader;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Who may come, and how often. A value that can't be read closes the rules: going on without it
 * could let somebody in.
 */
final class Access implements Family {
  private static final int MOST_PER_SECOND = 1_000_000;
  private static final int MOST_CONNECTIONS = 10_000_000;

  /** What comes at once beyond a second's, in multiples of it, when nothing is said. */
  private static final int MULTIPLIER = 5;

  /** Below it the least rate there is, one a second, would be more than twice what is asked for. */
  private static final int LEAST_PER_MINUTE = 30;

  private final NginxAnnotations nginx;

  Access(NginxAnnotations nginx) {
    this.nginx = nginx;
  }

  @Override
  public void judge(String name, String value, String at, Served served, Problems found) {
    switch (name) {
      case "allowlist-source-range", "whitelist-source-range" -> {
        if (!name.equals(nginx.allowName())) {
          found.note(Reason.NO_EFFECT, at, "no effect: " + nginx.allowName() + " goes before it");
        } else {
          ranges(value, AccessReader.ALLOW, "longshore.dev/allow", at, served, found);
        }
      }
      case "denylist-source-range" ->
          ranges(value, AccessReader.DENY, "longshore.dev/deny", at, served, found);
      case "limit-connections" -> connections(value, at, served, found);
      case "limit-rps" -> perSecond(value, at, served, found);
      case "limit-rpm" -> perMinute(value, at, served, found);
      case "limit-burst-multiplier" -> {
        if (nginx.nginx("limit-rps") == null && nginx.nginx("limit-rpm") == null) {
          found.note(
              Reason.NO_EFFECT,
              at,
              "no effect: by itself, without limit-rps or limit-rpm, it does nothing");
        } else if (number(value, 10_000) == null) {
          bad(value, at, found);
        } else {
          found.note(Reason.TRANSLATED, at, "is served with the rate");
        }
      }
      case "limit-whitelist", "limit-allowlist" -> exempt(at, found);
      default -> throw new IllegalStateException("nobody reads " + name);
    }
  }

  private static void ranges(
      String value,
      Leaf<List<String>, ?> leaf,
      String ours,
      String at,
      Served served,
      Problems found) {
    List<String> listed = SourceRanges.split(value);
    for (String range : listed) {
      if (found.parse(at, () -> Cidrs.enclosing(range)) == null) {
        return;
      }
    }
    if (listed.isEmpty() || (SourceRanges.isEverybody(listed) && ours.endsWith("allow"))) {
      found.note(Reason.NO_EFFECT, at, "no effect: it lets everybody in");
      return;
    }
    served.state(leaf, listed.stream().map(range -> Cidrs.enclosing(range).text()).toList(), at);
    String readable = listed.stream().map(SourceRanges::readable).collect(Collectors.joining(","));
    served.same(at, Map.of(ours.substring(ours.indexOf('/') + 1), readable));
    Served.translated(found, at, ours + ": " + readable);
  }

  private static void connections(String value, String at, Served served, Problems found) {
    Integer most = number(value, MOST_CONNECTIONS);
    if (most == null) {
      bad(value, at, found);
    } else if (most > 0) {
      served.state(LimitsReader.CONNECTIONS_PER_CLIENT, most, at);
      served.same(at, Map.of("connections-per-client", String.valueOf(most)));
      Served.translated(
          found, at, "longshore.dev/connections-per-client: " + most + ", at each data plane");
    }
  }

  private void perSecond(String value, String at, Served served, Problems found) {
    Integer rate = number(value, MOST_PER_SECOND);
    if (rate == null) {
      bad(value, at, found);
    } else if (rate > 0) {
      rate(rate, rate, at, served, found, "");
    }
  }

  private void perMinute(String value, String at, Served served, Problems found) {
    Integer rate = number(value, MOST_PER_SECOND);
    if (rate == null) {
      bad(value, at, found);
    } else if (rate > 0 && rate < LEAST_PER_MINUTE) {
      found.fault(
          Reason.UNSUPPORTED_VALUE,
          at,
          "is not served, and decides who may come, so the rules answer 503: rates are of whole"
              + " requests a second, and "
              + rate
              + " a minute are fewer: write longshore.dev/handshakes-per-second: 1 and"
              + " longshore.dev/requests-per-second: 1, or limit it in the backend");
    } else if (rate > 0) {
      // Never more than asked for, but where that would be none at all.
      int second = Math.max(1, rate / 60);
      rate(second, rate, at, served, found, rate < 60 ? ", which is more, and the least" : "");
    }
  }

  private void rate(
      int rate, int burstOf, String at, Served served, Problems found, String remark) {
    Integer given = number(multiplier(), 10_000);
    int burst = (int) Math.min((long) burstOf * (given == null ? 1 : given), MOST_PER_SECOND);
    served.state(LimitsReader.HANDSHAKES, rate, at);
    served.state(LimitsReader.HANDSHAKES_BURST, Math.max(burst, rate), at);
    served.state(RequestRateReader.PER_SECOND, rate, at);
    served.state(RequestRateReader.BURST, Math.max(burst, rate), at);
    Served.translated(
        found,
        at,
        "longshore.dev/handshakes-per-second: "
            + rate
            + " and longshore.dev/requests-per-second: "
            + rate
            + remark
            + ", "
            + Math.max(burst, rate)
            + " at once, at each data plane; beyond it the answer is 429");
  }

  private String multiplier() {
    String text = nginx.nginx("limit-burst-multiplier");
    return text == null || text.isBlank() ? String.valueOf(MULTIPLIER) : text.strip();
  }

  private void exempt(String at, Problems found) {
    boolean limits =
        List.of("limit-rps", "limit-rpm", "limit-connections").stream()
            .anyMatch(name -> nginx.nginx(name) != null);
    if (limits) {
      found.warn(
          Reason.NOT_SUPPORTED,
          at,
          "is not served: these addresses are limited as all others are; where that is too"
              + " little, write them a rule of their own");
    } else {
      found.note(
          Reason.NO_EFFECT,
          at,
          "no effect: by itself, without limit-rps, limit-rpm, limit-connections, it does"
              + " nothing");
    }
  }

  private static @Nullable Integer number(String text, int most) {
    if (text.isEmpty() || text.length() > 9 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return null;
    }
    int number = Integer.parseInt(text);
    return number > most ? null : number;
  }

  private static void bad(String value, String at, Problems found) {
    found.fault(
        Reason.UNSUPPORTED_VALUE,
        at,
        Quote.of(value)
            + " is not a whole number in bounds, and decides who may come, so the rules answer"
            + " 503");
  }
}
