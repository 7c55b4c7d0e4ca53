package dev.longshore.operator.translate.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/foreign-annotations.md} is the table that the operator reads. {@code
 * -Dgolden.rewrite} writes it anew.
 */
final class ForeignAnnotationsPageTest {
  private static final Path PAGE = Path.of("../docs/foreign-annotations.md");

  @Test
  void isTheTable() throws IOException {
    String page = page();
    if (Boolean.getBoolean("golden.rewrite")) {
      Files.writeString(PAGE, page);
    }
    assertThat(Files.readString(PAGE)).isEqualTo(page);
  }

  private static String page() {
    StringBuilder page =
        new StringBuilder(
            """
            # Annotations of other controllers

            What becomes of each on an Ingress of Longshore's class ([in short](ingress.md#annotations-of-other-controllers)). Generated from the table that the
            operator reads. `*` stands for any end of a name; {v} is the value, {s} the value as a duration. Values that switch something off say nothing.
            `served` means that its value is read, and served, or refused with a reason; `503` that the rules answer 503, for it decides who may come or where requests go.
            """);
    for (String prefix : ForeignTable.get().prefixes()) {
      page.append("\n## ").append(prefix).append('\n');
      String family = null;
      for (ForeignAnnotation row : ForeignTable.get().rows(prefix)) {
        if (!row.family().equals(family)) {
          family = row.family();
          page.append(family.isEmpty() ? "" : "\n### " + family + "\n");
          page.append("\n| name | here | |\n|---|---|---|\n");
        }
        page.append("| `").append(row.pattern()).append("` | ").append(verdict(row)).append(" | ");
        page.append(text(row)).append(reach(row)).append(" |\n");
      }
    }
    return page.toString();
  }

  private static String reach(ForeignAnnotation row) {
    return switch (row.scope()) {
      case PATH, CANARY -> "";
      case HOST -> " (of the whole host)";
    };
  }

  private static String verdict(ForeignAnnotation row) {
    return switch (row.verdict()) {
      case SERVE -> "served";
      case WRITE, LOST -> "goes on without";
      case NONE -> "no effect";
      case PART -> "a part";
      case NEVER -> "never existed";
      case CLOSE -> "503";
      case QUIET -> "left alone";
    };
  }

  private static String text(ForeignAnnotation row) {
    String with =
        switch (row.verdict()) {
          case PART -> "of `" + row.with().replace(", ", "`, `") + "`";
          case SERVE, WRITE, CLOSE, LOST, NONE, NEVER, QUIET ->
              row.with().isEmpty() ? "" : "`longshore.dev/" + row.with() + "`";
        };
    return with + (with.isEmpty() || row.sentence().isEmpty() ? "" : "; ") + row.sentence();
  }
}
