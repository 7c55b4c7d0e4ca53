package dev.longshore.testkube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SupervisedTest {
  @TempDir Path temp;

  @Test
  void aProcessAndItsFilesEndWithAJvmThatIsKilled() throws IOException, InterruptedException {
    Path directory = Files.createDirectory(temp.resolve("work"));
    Process jvm =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                directory.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    long pid;
    try (BufferedReader lines = jvm.inputReader(StandardCharsets.UTF_8)) {
      pid = Long.parseLong(lines.readLine());
      assertThat(ProcessHandle.of(pid))
          .hasValueSatisfying(held -> assertThat(held.isAlive()).isTrue());

      jvm.destroyForcibly().waitFor();
    }

    await().atMost(Duration.ofSeconds(30)).until(() -> ProcessHandle.of(pid).isEmpty());
    await().atMost(Duration.ofSeconds(30)).until(() -> Files.notExists(directory));
  }

  @Test
  void sigtermIsHandedOn() throws IOException {
    Path log = temp.resolve("log");
    Supervised supervised =
        Supervised.run(
            List.of(
                "sh", "-c", "trap 'echo polite; exit' TERM; echo up; while :; do sleep 0.1; done"),
            log);
    await().atMost(Duration.ofSeconds(30)).until(() -> Files.readString(log).contains("up"));

    supervised.stop();

    assertThat(Files.readString(log)).contains("polite");
  }

  /** Starts a process that would run for an hour, prints its pid, and waits to be killed. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] args) throws Exception {
      Path directory = Path.of(args[0]);
      Path log = directory.resolve("log");
      Supervised.janitor(directory);
      Supervised.run(List.of("sh", "-c", "echo $$; exec sleep 3600"), log);
      await().atMost(Duration.ofSeconds(30)).until(() -> Files.readString(log).endsWith("\n"));
      System.out.print(Files.readString(log));
      System.out.flush();
      Thread.currentThread().join();
    }
  }
}
