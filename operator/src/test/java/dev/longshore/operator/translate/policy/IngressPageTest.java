package dev.longshore.operator.translate.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * The table of {@code docs/ingress.md} is what the leaves say. {@code -Dgolden.rewrite} writes it
 * anew.
 */
class IngressPageTest {
  private static final Path PAGE = Path.of("../docs/ingress.md");
  private static final String BEGIN =
      "| `longshore.dev/…` | field of `policy` | value | what can't be read |\n|---|---|---|---|\n";

  @Test
  void theTableIsWhatLeavesSay() throws IOException {
    String page = Files.readString(PAGE);
    int begin = page.indexOf(BEGIN);
    assertThat(begin).isNotNegative();
    int end = page.indexOf("\n\n", begin) + 1;
    String right = page.substring(0, begin) + table() + page.substring(end);
    if (Boolean.getBoolean("golden.rewrite")) {
      Files.writeString(PAGE, right);
    }
    assertThat(Files.readString(PAGE)).isEqualTo(right);
  }

  private static String table() {
    StringBuilder table = new StringBuilder(BEGIN);
    for (Leaf<?, ?> leaf : PolicyReader.leaves()) {
      if (leaf.annotation() != null) {
        table.append("| `").append(leaf.annotation()).append("` | `").append(leaf.path());
        table.append("` | ").append(leaf.form().accepts()).append(" | ");
        table.append(leaf.closes() ? "503" : "warning").append(" |\n");
      }
    }
    return table.toString();
  }
}
