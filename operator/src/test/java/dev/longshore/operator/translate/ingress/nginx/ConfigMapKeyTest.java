package dev.longshore.operator.translate.ingress.nginx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Every key of ingress-nginx's ConfigMap has a verdict. */
final class ConfigMapKeyTest {
  @Test
  void everyDocumentedKeyIsInTheTable() throws IOException {
    try (var keys = Files.lines(Path.of("src/test/resources/ingress-nginx-configmap-keys.txt"))) {
      assertThat(keys.filter(key -> !key.startsWith("#")))
          .hasSizeGreaterThan(180)
          .allSatisfy(key -> assertThat(ConfigMapKey.of(key)).as(key).isNotNull());
    }
  }

  @Test
  void theLongestThatMatchesCounts() {
    assertThat(ConfigMapKey.of("proxy-stream-timeout"))
        .extracting(ConfigMapKey::verdict)
        .isEqualTo(ConfigMapKey.Verdict.NONE);
    assertThat(ConfigMapKey.of("upstream-keepalive-timeout")).isNotNull();
    assertThat(ConfigMapKey.of("never-was-one")).isNull();
  }

  @Test
  void everyRowSaysSomething() {
    assertThat(ConfigMapKey.all())
        .allSatisfy(row -> assertThat(row.sentence()).as(row.pattern()).isNotEmpty());
  }
}
