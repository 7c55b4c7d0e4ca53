package dev.longshore.bench.scale;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A process of Longshore, by its launcher; ends with the benchmark. */
final class Child implements AutoCloseable {
  private static final Pattern SERVED = Pattern.compile("data planes are served at \\S*?:(\\d+)");
  private static final Pattern PAGES = Pattern.compile("(?:pages at|metrics at) \\S*?:(\\d+)");

  /** What the launcher says when it has to build before it can start. */
  private static final String BUILDS = "Building Longshore";

  /** USER_HZ of every Linux that runs Java. */
  private static final double TICKS_PER_SECOND = 100;

  private final Process process;
  private final long began = System.nanoTime();
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<String> log = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Integer> served = new CompletableFuture<>();
  private final CompletableFuture<Integer> pages = new CompletableFuture<>();

  /**
   * Starts it.
   *
   * @param logFile what it logs goes here as well
   * @param heapMegabytes what its heap is bounded by
   */
  Child(
      Path launcher,
      Path logFile,
      int heapMegabytes,
      Map<String, String> environment,
      List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.environment().putAll(environment);
    builder
        .environment()
        .put("LONGSHORE_JAVA_OPTS", "-Xmx" + heapMegabytes + "m -XX:+ExitOnOutOfMemoryError");
    process = builder.start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    Thread.ofPlatform().daemon().start(() -> read(logFile));
  }

  private void read(Path logFile) {
    try (BufferedReader lines = process.errorReader(StandardCharsets.UTF_8);
        BufferedWriter copy = Files.newBufferedWriter(logFile)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        log.add(line);
        copy.write(line);
        copy.newLine();
        copy.flush();
        if (line.startsWith(BUILDS)) {
          // Its age would be that of the build.
          throw new IOException("the sources were changed while the benchmark ran");
        }
        complete(SERVED, line, served);
        complete(PAGES, line, pages);
      }
    } catch (IOException e) {
      log.add(e.toString());
    } finally {
      IllegalStateException ended = new IllegalStateException("ended: " + log());
      served.completeExceptionally(ended);
      pages.completeExceptionally(ended);
    }
  }

  private static void complete(Pattern pattern, String line, CompletableFuture<Integer> port) {
    Matcher found = pattern.matcher(line);
    if (found.find()) {
      port.complete(Integer.valueOf(found.group(1)));
    }
  }

  /** The last lines that it logged. */
  String log() {
    return String.join("\n", log.subList(Math.max(0, log.size() - 30), log.size()));
  }

  /** Where an operator serves data planes; waits until it does. */
  int push() throws InterruptedException, ExecutionException, TimeoutException {
    return served.get(10, TimeUnit.MINUTES);
  }

  /** Seconds since it was started. */
  double age() {
    return (System.nanoTime() - began) / 1e9;
  }

  /** A page of its metrics port; empty: it doesn't answer. */
  String page(String path) throws InterruptedException {
    if (!process.isAlive()) {
      throw new IllegalStateException("ended: " + log());
    }
    if (!pages.isDone()) {
      return "";
    }
    try {
      return http.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + pages.join() + path)).build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      return "";
    }
  }

  /** The sum of a metric over its labels; 0: there is none. */
  double metric(String name) throws InterruptedException {
    return page("/metrics")
        .lines()
        .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** Seconds of processor time so far, user and system. */
  double cpu() {
    String stat = proc("stat");
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
  }

  /** Resident memory, now, in megabytes. */
  long resident() {
    return kilobytes("VmRSS:") / 1024;
  }

  /** The most that ever was resident, in megabytes. */
  long peak() {
    return kilobytes("VmHWM:") / 1024;
  }

  private long kilobytes(String field) {
    return proc("status")
        .lines()
        .filter(line -> line.startsWith(field))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0);
  }

  private String proc(String file) {
    try {
      return Files.readString(Path.of("/proc/" + process.pid() + "/" + file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Megabytes of the heap that are used after a collection. */
  long liveHeap() throws IOException, InterruptedException {
    jcmd("GC.run");
    // "tenured generation   total 174784K, used 93187K [...": what is young was just collected.
    return Pattern.compile("used (\\d+)K")
            .matcher(jcmd("GC.heap_info"))
            .results()
            .limit(2)
            .mapToLong(used -> Long.parseLong(used.group(1)))
            .sum()
        / 1024;
  }

  private String jcmd(String command) throws IOException, InterruptedException {
    Process tool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                String.valueOf(process.pid()),
                command)
            .redirectErrorStream(true)
            .start();
    String said = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    tool.waitFor();
    return said;
  }

  /** Ends it politely. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    http.close();
  }
}
