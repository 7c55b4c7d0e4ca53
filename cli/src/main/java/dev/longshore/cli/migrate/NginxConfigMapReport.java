package dev.longshore.cli.migrate;

import dev.longshore.cli.runtime.StartException;
import dev.longshore.operator.source.folder.FolderReading;
import dev.longshore.operator.source.folder.FolderSource;
import dev.longshore.operator.translate.ingress.nginx.ConfigMapKey;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Suggestions;
import io.fabric8.kubernetes.api.model.ConfigMap;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Says of each key of ingress-nginx's ConfigMap what becomes of it. */
final class NginxConfigMapReport {
  private static final int VALUE_SHOWN = 60;

  private final Path file;
  private final PrintWriter out;

  NginxConfigMapReport(Path file, PrintWriter out) {
    this.file = file;
    this.out = out;
  }

  /** Prints it; whether nothing is lost. */
  boolean print() throws IOException, StartException {
    Map<String, String> keys = keys();
    out.println();
    out.println("ConfigMap " + file);
    boolean good = true;
    for (Map.Entry<String, String> entry : keys.entrySet()) {
      good &= print(entry.getKey(), entry.getValue());
    }
    return good;
  }

  private boolean print(String key, String value) {
    ConfigMapKey row = ConfigMapKey.of(key);
    String label;
    String text;
    boolean good = true;
    if (row == null) {
      label = "no effect";
      text = "ingress-nginx has no such key" + Suggestions.of(key, ConfigMapKey.names());
    } else if (row.same().contains(value.strip())) {
      label = "served";
      text = "that is so here";
    } else {
      label =
          switch (row.verdict()) {
            case SETTING -> "setting";
            case NONE -> "no effect";
            case LOST -> "lost";
            case SECURITY -> "security";
          };
      text = row.sentence();
      good =
          row.verdict() != ConfigMapKey.Verdict.LOST
              && row.verdict() != ConfigMapKey.Verdict.SECURITY;
    }
    String shown = value.length() > VALUE_SHOWN ? value.substring(0, VALUE_SHOWN) + "…" : value;
    out.printf("  %-9s  %s: %s: %s%n", label, Quote.printable(key), Quote.printable(shown), text);
    return good;
  }

  private Map<String, String> keys() throws IOException, StartException {
    try (FolderSource source = new FolderSource(file)) {
      FolderReading reading = source.read();
      Map<String, String> keys = new TreeMap<>();
      reading.view().configMaps().forEach((ref, map) -> keys.putAll(data(map)));
      if (keys.isEmpty()) {
        throw new StartException("there is no ConfigMap with data in " + file);
      }
      return keys;
    }
  }

  private static Map<String, String> data(ConfigMap map) {
    return map.getData() == null ? Map.of() : map.getData();
  }
}
