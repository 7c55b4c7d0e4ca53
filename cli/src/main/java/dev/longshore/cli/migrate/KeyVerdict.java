package dev.longshore.cli.migrate;

import dev.longshore.cli.runtime.StartException;
import dev.longshore.operator.source.folder.FolderReading;
import dev.longshore.operator.source.folder.FolderSource;
import dev.longshore.operator.translate.ingress.nginx.ConfigMapKey;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Suggestions;
import io.fabric8.kubernetes.api.model.ConfigMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What becomes of a key of ingress-nginx's ConfigMap.
 *
 * @param key of it
 * @param value of it, at most 60 characters
 * @param what becomes of it
 * @param text why, and what to write instead
 */
record KeyVerdict(String key, String value, What what, String text) {
  private static final int VALUE_SHOWN = 60;

  KeyVerdict {
    key = Quote.printable(key);
    value =
        Quote.printable(
            value.length() > VALUE_SHOWN ? value.substring(0, VALUE_SHOWN) + "…" : value);
  }

  /** What becomes of a key. */
  enum What {
    /** It is so here. */
    SERVED,
    /** A field of the LongshoreConfig says it. */
    SETTING,
    /** It did nothing that is missing here. */
    NO_EFFECT,
    /** It is missing. */
    LOST,
    /** It protected, and nothing does any more. */
    SECURITY;

    /** As it is shown. */
    String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  /**
   * Of all keys of the ConfigMaps in a file.
   *
   * @throws StartException there is none
   */
  static List<KeyVerdict> of(Path file) throws IOException, StartException {
    try (FolderSource source = new FolderSource(file)) {
      FolderReading reading = source.read();
      Map<String, String> keys = new TreeMap<>();
      reading.view().configMaps().forEach((ref, map) -> keys.putAll(data(map)));
      if (keys.isEmpty()) {
        throw new StartException("there is no ConfigMap with data in " + file);
      }
      List<KeyVerdict> verdicts = new ArrayList<>();
      keys.forEach((key, value) -> verdicts.add(of(key, value)));
      return verdicts;
    }
  }

  private static Map<String, String> data(ConfigMap map) {
    return map.getData() == null ? Map.of() : map.getData();
  }

  private static KeyVerdict of(String key, String value) {
    ConfigMapKey row = ConfigMapKey.of(key);
    if (row == null) {
      return new KeyVerdict(
          key,
          value,
          What.NO_EFFECT,
          "ingress-nginx has no such key" + Suggestions.of(key, ConfigMapKey.names()));
    }
    return row.same().contains(value.strip())
        ? new KeyVerdict(key, value, What.SERVED, "that is so here")
        : new KeyVerdict(
            key,
            value,
            switch (row.verdict()) {
              case SETTING -> What.SETTING;
              case NONE -> What.NO_EFFECT;
              case LOST -> What.LOST;
              case SECURITY -> What.SECURITY;
            },
            row.sentence());
  }

  /** Whether something is missing by it. */
  boolean isLoss() {
    return what == What.LOST || what == What.SECURITY;
  }

  /** As a line of a report. */
  String line() {
    return String.format("  %-9s  %s: %s: %s", what.label(), key, value, text);
  }
}
