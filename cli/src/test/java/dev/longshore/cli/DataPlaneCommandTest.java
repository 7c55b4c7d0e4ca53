package dev.longshore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.cli.runtime.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What {@code longshore dataplane} refuses, and in which words. */
class DataPlaneCommandTest {
  private record Run(int exit, String err) {}

  private static Run run(String... args) {
    StringWriter err = new StringWriter();
    CommandLine line = Longshore.commandLine();
    line.setErr(new PrintWriter(err));
    return new Run(line.execute(args), err.toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --operator | operator           | is not HOST:PORT
          --operator | operator:0         | the port must be 1 to 65535
          --operator | operator:http      | is not HOST:PORT
          --operator | wss://operator:443 | put an IPv6 address in brackets
          --operator | fd00::1:9443       | put an IPv6 address in brackets
          --operator | under score:9443   | is neither a DNS name nor an IP address
          --node     | -chat              | --node must be 1 to 253 letters
          --group    | a/b                | --group must be 1 to 63 letters
          --threads  | 2000               | must be 1 to 1024
          --termination-grace | 100 | must be like 100s, 1m30s or 500ms
          --pre-stop | soon               | must be like 100s, 1m30s or 500ms
          """)
  void wrongFlagsAreNamed(String flag, String value, String problem) {
    Run run = run("dataplane", flag, value);
    assertThat(run.err).contains(problem);
    assertThat(run.exit).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void aFileIsNoStateFolder(@TempDir Path temp) throws IOException {
    Path file = Files.createFile(temp.resolve("state"));
    Run run = run("dataplane", "--state", file.toString());
    assertThat(run.err).contains("--state " + file + ": is a file; must be a folder");
    assertThat(run.exit).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void anAddressThatIsTakenEndsTheStart() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      Run run =
          run(
              "dataplane",
              "--http",
              address,
              "--metrics",
              "127.0.0.1:0",
              "--admin",
              "127.0.0.1:0",
              "--threads",
              "1");
      assertThat(run.err).contains("cannot listen on " + address);
      assertThat(run.exit).isEqualTo(ExitCode.FAILED);
    }
  }
}
