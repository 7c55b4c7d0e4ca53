package dev.longshore.process.admin;

import io.netty.util.NetUtil;
import java.util.List;
import java.util.Locale;

/**
 * Whose requests are answered, by their Host. A page that a browser shows can have its own name
 * resolve to any address afterwards (DNS rebinding), and then reads what is served there; but the
 * Host that the browser sends stays that name.
 */
public enum Hosts {
  /** Any name: what is served is no secret, and scrapers use names of all kinds. */
  ANY {
    @Override
    boolean answers(List<String> fields) {
      return true;
    }
  },
  /** IP literals and {@code localhost}, which nobody can make resolve to somewhere else. */
  UNRESOLVED {
    @Override
    boolean answers(List<String> fields) {
      // Without one it is HTTP/1.0, which browsers don't speak.
      return fields.isEmpty() || fields.size() == 1 && isUnresolved(fields.getFirst());
    }
  };

  abstract boolean answers(List<String> fields);

  private static boolean isUnresolved(String field) {
    String host = withoutPort(field);
    return host.toLowerCase(Locale.ROOT).equals("localhost")
        || NetUtil.isValidIpV4Address(host)
        || host.startsWith("[")
            && host.endsWith("]")
            && NetUtil.isValidIpV6Address(host.substring(1, host.length() - 1));
  }

  private static String withoutPort(String field) {
    int colon = field.lastIndexOf(':');
    boolean port =
        colon > 0
            && colon > field.lastIndexOf(']')
            && field.substring(colon + 1).chars().allMatch(c -> c >= '0' && c <= '9');
    return port ? field.substring(0, colon) : field;
  }
}
