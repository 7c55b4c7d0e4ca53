package dev.longshore.operator.translate.ingress.nginx;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a key of ingress-nginx's ConfigMap. {@code configmap.txt} says how to read it.
 *
 * @param pattern the key, or how it begins and a {@code *}
 * @param same values that are as it is here anyway
 * @param sentence for whoever wrote it
 */
public record ConfigMapKey(String pattern, Verdict verdict, List<String> same, String sentence) {
  private static final List<ConfigMapKey> ALL = read();

  public ConfigMapKey {
    same = List.copyOf(same);
  }

  /** What becomes of it. */
  public enum Verdict {
    /** There is a field for it. */
    SETTING,
    /** Nothing is missing without it. */
    NONE,
    /** It is missing. */
    LOST,
    /** It is missing, and somebody relies on it. */
    SECURITY
  }

  /** The whole table. */
  public static List<ConfigMapKey> all() {
    return ALL;
  }

  /** Of a key; null: ingress-nginx has none of that name. The longest that matches counts. */
  public static @Nullable ConfigMapKey of(String key) {
    ConfigMapKey found = null;
    for (ConfigMapKey row : ALL) {
      if (row.matches(key) && (found == null || row.pattern.length() > found.pattern.length())) {
        found = row;
      }
    }
    return found;
  }

  /** The keys as they are written here, for what somebody probably meant. */
  public static Set<String> names() {
    return ALL.stream().map(ConfigMapKey::pattern).collect(Collectors.toSet());
  }

  private boolean matches(String key) {
    return pattern.endsWith("*")
        ? key.startsWith(pattern.substring(0, pattern.length() - 1))
        : key.equals(pattern);
  }

  private static List<ConfigMapKey> read() {
    try (InputStream in = ConfigMapKey.class.getResourceAsStream("configmap.txt")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .map(ConfigMapKey::row)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ConfigMapKey row(String line) {
    String[] cells = Arrays.stream(line.split("\\|", 4)).map(String::strip).toArray(String[]::new);
    if (cells.length != 4) {
      throw new IllegalStateException("not four cells: " + line);
    }
    return new ConfigMapKey(
        cells[0],
        Verdict.valueOf(cells[1].toUpperCase(Locale.ROOT)),
        cells[2].isEmpty() ? List.of() : Arrays.asList(cells[2].split(";")),
        cells[3]);
  }
}
