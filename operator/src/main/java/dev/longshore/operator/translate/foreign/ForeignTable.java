package dev.longshore.operator.translate.foreign;

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
    String prefix = "";
    for (String line : text().lines().toList()) {
      if (line.startsWith("[")) {
        prefix = line.substring(1, line.length() - 1);
      } else if (!line.isEmpty() && !line.startsWith("#")) {
        table.byPrefix.computeIfAbsent(prefix, p -> new ArrayList<>()).add(row(prefix, line));
      }
    }
    return table;
  }

  private static ForeignAnnotation row(String prefix, String line) {
    String[] cells = line.split("\\|", 5);
    if (cells.length != 5) {
      throw new IllegalStateException("not five cells: " + line);
    }
    String off = cells[2].strip().toLowerCase(Locale.ROOT);
    return new ForeignAnnotation(
        prefix,
        cells[0].strip(),
        ForeignAnnotation.Verdict.valueOf(cells[1].strip().toUpperCase(Locale.ROOT)),
        off.isEmpty() ? List.of() : Arrays.asList(off.split(";")),
        cells[3].strip(),
        cells[4].strip());
  }

  private static String text() {
    try (InputStream in = ForeignTable.class.getResourceAsStream("foreign-annotations.txt")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
