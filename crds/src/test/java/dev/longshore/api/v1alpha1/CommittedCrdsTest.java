package dev.longshore.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The committed CRD YAML is what the Java types generate; with -Dgolden.rewrite it is written. */
final class CommittedCrdsTest {
  private static final Path MODULE = Path.of(System.getProperty("basedir", "."));

  @TempDir private Path first;
  @TempDir private Path second;

  @Test
  void committedYamlIsCurrent() throws IOException {
    Map<String, String> generated = GeneratedCrds.generate(first);
    assertThat(generated)
        .containsOnlyKeys(
            "longshoreconfigs.longshore.dev.yaml", "websocketroutes.longshore.dev.yaml");
    for (Map.Entry<String, String> crd : generated.entrySet()) {
      Path committed = MODULE.resolve(crd.getKey());
      if (Boolean.getBoolean("golden.rewrite")) {
        Files.writeString(committed, crd.getValue());
      }
      assertThat(Files.exists(committed) ? Files.readString(committed) : "")
          .as("crds/%s is stale; refresh it with: %s", crd.getKey(), GeneratedCrds.REFRESH)
          .isEqualTo(crd.getValue());
    }
  }

  @Test
  void kustomizationListsEveryCrd() throws IOException {
    String kustomization = Files.readString(MODULE.resolve("kustomization.yaml"));
    assertThat(GeneratedCrds.generate(first).keySet())
        .allSatisfy(file -> assertThat(kustomization).contains("- " + file));
  }

  @Test
  void generationIsReproducible() throws IOException {
    assertThat(GeneratedCrds.generate(first)).isEqualTo(GeneratedCrds.generate(second));
  }
}
