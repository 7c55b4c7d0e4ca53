package dev.longshore.operator.translate.foreign;

import dev.longshore.operator.translate.ingress.nginx.NginxAnnotations;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The table of other controllers' annotations: {@code foreign-annotations.txt} says how to read it.
 * Those of ingress-nginx are a file per family.
 */
public final class ForeignTable {
  private static final ForeignTable TABLE = read();

  private final Map<String, List<ForeignAnnotation>> byPrefix = new LinkedHashMap<>();

  private ForeignTable() {}

  /** The table. */
  public static ForeignTable get() {
    return TABLE;
  }

  /** Whether annotations of that prefix, which ends with a slash, are known of. */
  public boolean knows(String prefix) {
    return byPrefix.containsKey(prefix);
  }

  /** Of all controllers, each with its slash. */
  Set<String> prefixes() {
    return Collections.unmodifiableSet(byPrefix.keySet());
  }

  /** What is said of an annotation; null: its controller has none of that name. */
  @Nullable ForeignAnnotation find(String prefix, String name) {
    ForeignAnnotation found = null;
    for (ForeignAnnotation row : rows(prefix)) {
      if (row.matches(name)
          && (found == null
              || row.pattern().equals(name)
              || (!found.pattern().equals(name)
                  && row.pattern().length() > found.pattern().length()))) {
        found = row;
      }
    }
    return found;
  }

  /** Everything of one controller, in the order of the table. */
  List<ForeignAnnotation> rows(String prefix) {
    return byPrefix.getOrDefault(prefix, List.of());
  }

  private static ForeignTable read() {
    ForeignTable table = new ForeignTable();
    for (String family : NginxAnnotations.FAMILIES) {
      for (String line : lines(NginxAnnotations.class, family + ".txt")) {
        table.add(ofNginx(family, line));
      }
    }
    String prefix = "";
    for (String line : lines(ForeignTable.class, "foreign-annotations.txt")) {
      if (line.startsWith("[")) {
        prefix = line.substring(1, line.length() - 1);
      } else {
        table.add(row(prefix, line));
      }
    }
    return table;
  }

  private void add(ForeignAnnotation row) {
    byPrefix.computeIfAbsent(row.prefix(), p -> new ArrayList<>()).add(row);
  }

  /** One of ingress-nginx, which says its scope and whether it is security. */
  private static ForeignAnnotation ofNginx(String family, String line) {
    String[] cells = cells(line, 7);
    return new ForeignAnnotation(
        NginxAnnotations.PREFIX,
        family,
        cells[0],
        ForeignAnnotation.Scope.valueOf(cells[1].toUpperCase(Locale.ROOT)),
        verdict(cells[2]),
        cells[3].equals("security"),
        off(cells[4]),
        cells[5],
        cells[6]);
  }

  private static ForeignAnnotation row(String prefix, String line) {
    String[] cells = cells(line, 5);
    ForeignAnnotation.Verdict verdict = verdict(cells[1]);
    return new ForeignAnnotation(
        prefix,
        "",
        cells[0],
        ForeignAnnotation.Scope.PATH,
        verdict,
        verdict == ForeignAnnotation.Verdict.CLOSE,
        off(cells[2]),
        cells[3],
        cells[4]);
  }

  private static String[] cells(String line, int count) {
    String[] cells = line.split("\\|", count);
    if (cells.length != count) {
      throw new IllegalStateException("not " + count + " cells: " + line);
    }
    return Arrays.stream(cells).map(String::strip).toArray(String[]::new);
  }

  private static ForeignAnnotation.Verdict verdict(String text) {
    return ForeignAnnotation.Verdict.valueOf(text.toUpperCase(Locale.ROOT));
  }

  private static List<String> off(String text) {
    String off = text.toLowerCase(Locale.ROOT);
    return off.isEmpty() ? List.of() : Arrays.asList(off.split(";"));
  }

  private static List<String> lines(Class<?> beside, String name) {
    try (InputStream in = beside.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
