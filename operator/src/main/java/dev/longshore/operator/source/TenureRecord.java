package dev.longshore.operator.source;

import dev.longshore.contract.HardLimits;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How tenures are written down: in ConfigMaps of the operator's namespace, an entry for each host,
 * such as {@code chat.example.com: demo since 2026-11-30T13:00:00Z}. The hash of a host says in
 * which of them it stands, so that tens of thousands fit, and a change rewrites one part of them.
 */
public final class TenureRecord {
  private static final String PREFIX = "longshore-host-claims-";

  /** Keys of ConfigMaps have no asterisk, and hosts no underscore. */
  private static final String WILDCARD_KEY = "_.";

  private static final String WILDCARD = "*.";
  private static final Pattern TENURE =
      Pattern.compile("([a-z0-9-]{1,63}) since (\\S{1,40})(?: until (\\S{1,40}))?");

  private TenureRecord() {}

  /** The names of all ConfigMaps. */
  public static List<String> names() {
    return IntStream.range(0, HardLimits.HOST_RECORD_PARTS).mapToObj(TenureRecord::name).toList();
  }

  /** The name of the ConfigMap that a host stands in. */
  public static String name(String host) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(host.getBytes(StandardCharsets.UTF_8));
      return name((hash[0] & 0xff) % HardLimits.HOST_RECORD_PARTS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** The key of a host's entry. */
  public static String key(String host) {
    return host.startsWith(WILDCARD) ? WILDCARD_KEY + host.substring(WILDCARD.length()) : host;
  }

  /** The value of an entry. */
  public static String write(HostTenure tenure) {
    return tenure.namespace()
        + " since "
        + tenure.since()
        + (tenure.until() == null ? "" : " until " + tenure.until());
  }

  /** What an entry says; null when there is none, or it can't be read. */
  public static @Nullable HostTenure read(@Nullable String value) {
    Matcher match = TENURE.matcher(value == null ? "" : value);
    if (!match.matches()) {
      return null;
    }
    try {
      String until = match.group(3);
      return new HostTenure(
          match.group(1),
          Instant.parse(match.group(2)),
          until == null ? null : Instant.parse(until));
    } catch (DateTimeException e) {
      return null;
    }
  }

  /** What a ConfigMap says, by host; entries that don't belong there count as little as unread. */
  public static Map<String, HostTenure> read(String name, @Nullable Map<String, String> data) {
    Map<String, HostTenure> tenures = new HashMap<>();
    if (data != null) {
      data.forEach(
          (key, value) -> {
            String host =
                key.startsWith(WILDCARD_KEY)
                    ? WILDCARD + key.substring(WILDCARD_KEY.length())
                    : key;
            HostTenure tenure = read(value);
            if (tenure != null && name.equals(name(host))) {
              tenures.put(host, tenure);
            }
          });
    }
    return tenures;
  }

  private static String name(int part) {
    return PREFIX + Integer.toHexString(part);
  }
}
