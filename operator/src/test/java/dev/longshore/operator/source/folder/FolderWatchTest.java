package dev.longshore.operator.source.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.process.testing.Strikes;
import dev.longshore.process.watch.Watch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The thread that follows a folder survives what it can, and is told when it is dead. */
class FolderWatchTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir private Path folder;

  private void save(int i) throws IOException {
    Files.writeString(
        folder.resolve("s.yaml"),
        "apiVersion: v1\nkind: Service\nmetadata: {name: s" + i + "}\nspec: {}\n");
  }

  @Test
  @Strikes("manifests")
  void anErrorEndsNothingAndAnEndIsTold() throws IOException {
    AtomicInteger heard = new AtomicInteger();
    try (Watch watch = new Watch();
        FolderSource source = new FolderSource(folder)) {
      source.watch(watch.part("manifests"));
      save(0);
      source.follow(
          reading -> {
            switch (heard.incrementAndGet()) {
              case 1 -> throw new StackOverflowError();
              case 2 -> {}
              default -> Thread.currentThread().interrupt();
            }
          });
      save(1);
      await().atMost(PATIENCE).until(() -> heard.get() == 1);
      save(2);
      await().atMost(PATIENCE).until(() -> heard.get() == 2);
      assertThat(watch.troubles()).isEmpty();
      save(3);
      await()
          .atMost(PATIENCE)
          .until(() -> watch.troubles().contains("manifests: its thread is dead"));
      source.close();
      assertThat(watch.troubles()).isEmpty();
    }
  }
}
