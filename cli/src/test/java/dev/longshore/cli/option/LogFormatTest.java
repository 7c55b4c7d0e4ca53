package dev.longshore.cli.option;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longshore.cli.Longshore;
import dev.longshore.cli.text.Terminal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** For whom the log is written, and that each command that logs can be told. */
@Timeout(90)
final class LogFormatTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"standalone", "demo", "check", "operator", "dataplane"})
  void everyCommandThatLogsHasTheFlag(String command) {
    CommandLine line =
        Objects.requireNonNull(Longshore.commandLine().getSubcommands().get(command));
    assertThat(line.getCommandSpec().optionsMap()).containsKey("--log-format");
  }

  @Test
  void isJsonWhereNoTerminalIs() throws Exception {
    assertThat(new ObjectMapper().readTree(warning()).get("level").asText()).isEqualTo("WARN");
  }

  @Test
  void isWhatTheFlagSays() throws Exception {
    assertThat(warning("--log-format=text")).matches("\\d\\d:\\d\\d:\\d\\d WARN  --max-conn.*");
    assertThat(new ObjectMapper().readTree(warning("--log-format=json")).has("level")).isTrue();
  }

  @Test
  void terminalsAreToldByTheirDevice() {
    assertThat(List.of("/dev/pts/0", "/dev/tty1", "/dev/console")).allMatch(Terminal::isTerminal);
    assertThat(List.of("pipe:[1]", "socket:[1]", "/dev/null", "/var/log/pts"))
        .noneMatch(Terminal::isTerminal);
  }

  /** The line of the log of a process that can't have as many connections as it is asked for. */
  private String warning(String... flags) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                // Tests have a configuration of their own.
                "-Dlogback.configurationFile=",
                Longshore.class.getName(),
                "standalone",
                "--max-connections=2000000000",
                "--manifests=" + folder.resolve("none")));
    command.addAll(List.of(flags));
    Process process =
        new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    try (InputStream err = process.getErrorStream()) {
      String all = new String(err.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(all.lines()).as(all).anyMatch(l -> l.contains("--max-connections 2000000000"));
      return all.lines()
          .filter(l -> l.contains("--max-connections 2000000000"))
          .findFirst()
          .orElseThrow();
    }
  }
}
