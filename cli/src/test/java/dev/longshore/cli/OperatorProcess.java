package dev.longshore.cli;

import java.io.BufferedReader;
import java.io.IOException;
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

/** {@code longshore operator} as a process of its own, on ports that are free. */
final class OperatorProcess implements AutoCloseable {
  private static final Pattern PUSH = Pattern.compile("data planes are served at \\S*?:(\\d+)");
  private static final Pattern PAGES = Pattern.compile("pages at \\S*?:(\\d+)");

  private final Process process;
  private final List<String> log = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Integer> push = new CompletableFuture<>();
  private final CompletableFuture<Integer> pages = new CompletableFuture<>();

  /**
   * Starts it.
   *
   * @param name of the pod that it would be
   */
  OperatorProcess(Path kubeconfig, String name) throws IOException {
    this(
        kubeconfig,
        name,
        List.of(
            "--push=127.0.0.1:0",
            // The name that data planes dial here, and so that of the certificate.
            "--push-service=localhost",
            "--publish-status-address=192.0.2.7,edge.example.com"));
  }

  /** Starts it with these flags. */
  OperatorProcess(Path kubeconfig, String name, List<String> flags) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                Longshore.class.getName(),
                "operator",
                "--metrics=127.0.0.1:0"));
    command.addAll(flags);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("KUBECONFIG", kubeconfig.toString());
    builder.environment().put("POD_NAME", name);
    builder.environment().remove("POD_NAMESPACE");
    process = builder.start();
    Thread.ofPlatform().daemon().start(this::read);
  }

  private void read() {
    try (BufferedReader lines = process.errorReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        log.add(line);
        complete(PUSH, line, push);
        complete(PAGES, line, pages);
      }
    } catch (IOException e) {
      // It was killed.
      log.add(e.toString());
    } finally {
      IllegalStateException ended = new IllegalStateException("ended: " + log);
      push.completeExceptionally(ended);
      pages.completeExceptionally(ended);
    }
  }

  private static void complete(Pattern pattern, String line, CompletableFuture<Integer> port) {
    Matcher found = pattern.matcher(line);
    if (found.find()) {
      port.complete(Integer.valueOf(found.group(1)));
    }
  }

  /** What it has logged so far. */
  String log() {
    return String.join("\n", log);
  }

  /** Where it serves data planes; waits until it does. */
  int pushPort() {
    return push.orTimeout(90, TimeUnit.SECONDS).join();
  }

  /** The status and the text of one of its pages. */
  String get(String path) {
    int port = pages.orTimeout(90, TimeUnit.SECONDS).join();
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
              HttpResponse.BodyHandlers.ofString());
      return answer.statusCode() + " " + answer.body();
    } catch (IOException e) {
      return "0 " + e;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
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
