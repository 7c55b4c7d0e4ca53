package dev.longshore.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code longshore dataplane} as a process of its own, on ports that are free. */
final class DataPlaneProcess implements AutoCloseable {
  /** As JSON has it, with the slashes escaped. */
  private static final Pattern ADDRESSES =
      Pattern.compile("taken at \\S*?127\\.0\\.0\\.1:(\\d+) once.*metrics at \\S*?:(\\d+),");

  private final Process process;
  private final List<String> log = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Matcher> addresses = new CompletableFuture<>();

  /** Starts it with the files of a folder: {@code ca.crt}, {@code token} and {@code state}. */
  DataPlaneProcess(Path folder, int operatorPort) throws IOException {
    this(folder, "localhost:" + operatorPort, List.of());
  }

  /**
   * Starts it with the files of a folder.
   *
   * @param operator name and port
   * @param jvm more flags for the JVM
   */
  DataPlaneProcess(Path folder, String operator, List<String> jvm) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1"));
    command.addAll(jvm);
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            Longshore.class.getName(),
            "dataplane",
            "--http=127.0.0.1:0",
            "--metrics=127.0.0.1:0",
            "--admin=127.0.0.1:0",
            "--threads=1",
            "--operator=" + operator,
            "--operator-ca=" + folder.resolve("ca.crt"),
            "--token=" + folder.resolve("token"),
            "--state=" + folder.resolve("state"),
            "--node=node-1"));
    process = new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    Thread.ofPlatform().daemon().start(this::read);
  }

  private void read() {
    try (BufferedReader lines = process.errorReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        log.add(line);
        Matcher found = ADDRESSES.matcher(line);
        if (found.find()) {
          addresses.complete(found);
        }
      }
    } catch (IOException e) {
      // It was killed.
      log.add(e.toString());
    } finally {
      addresses.completeExceptionally(new IllegalStateException("ended: " + log));
    }
  }

  /** What it has logged so far. */
  String log() {
    return String.join("\n", log);
  }

  private InetSocketAddress address(int group) {
    int port = Integer.parseInt(addresses.orTimeout(60, TimeUnit.SECONDS).join().group(group));
    return new InetSocketAddress("127.0.0.1", port);
  }

  /** Where it serves HTTP. */
  int port() {
    return address(1).getPort();
  }

  /** The status that a client gets for a path; 0: nobody accepts its connection. */
  int status(String path) {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(request(address(1), path), HttpResponse.BodyHandlers.ofString())
          .statusCode();
    } catch (IOException e) {
      return 0;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What {@code /readyz?verbose} says. */
  String readiness() {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(request(address(2), "/readyz?verbose"), HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static HttpRequest request(InetSocketAddress address, String path) {
    return HttpRequest.newBuilder(
            URI.create("http://" + address.getHostString() + ":" + address.getPort() + path))
        .build();
  }

  /** Asks it to end, and waits for its exit code. */
  int terminate() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new IllegalStateException("did not end: " + log());
    }
    return process.exitValue();
  }

  /** Kills it, if it still runs. */
  @Override
  public void close() {
    process.destroyForcibly();
  }
}
