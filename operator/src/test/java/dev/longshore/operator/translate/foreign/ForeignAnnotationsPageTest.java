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
            """);
    for (String prefix : ForeignTable.get().prefixes()) {
      page.append("\n## ").append(prefix).append("\n\n| name | here | |\n|---|---|---|\n");
      for (ForeignAnnotation row : ForeignTable.get().rows(prefix)) {
        page.append("| `").append(row.pattern()).append("` | ").append(verdict(row)).append(" | ");
        page.append(text(row)).append(" |\n");
      }
    }
    return page.toString();
  }

  private static String verdict(ForeignAnnotation row) {
    return switch (row.verdict()) {
      case SERVE -> "by its value";
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
