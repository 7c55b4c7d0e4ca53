package dev.longshore.bench.scale;

import dev.longshore.testkube.KubeApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Fills an API server with routes, starts an operator and data planes as processes, with the rights
 * and heaps that {@code deploy/} gives them, and measures what one change takes. Prints Markdown.
 */
public final class ScaleBenchmark {
  private static final int RESTARTS = 5;
  private static final Duration PATIENCE = Duration.ofMinutes(15);
  private static final Duration POLL = Duration.ofMillis(5);
  private static final Duration REST = Duration.ofSeconds(20);
  private static final String ACKS = "longshore_operator_push_ack_seconds_count";
  private static final String BYTES = "longshore_operator_push_bytes_total";
  private static final String MESSAGES = "longshore_operator_push_messages_total";
  private static final String WRITES = "longshore_operator_status_writes_total";

  private final Path folder;
  private final Processes processes;
  private final Cluster cluster;
  private final int routes;
  private final int hosts;
  private final int changes;
  private final int dataPlanes;
  private int salt;

  /**
   * Runs it.
   *
   * @param arguments root of the checkout, routes, hosts, changes of each kind, data planes
   */
  public static void main(String[] arguments) throws Exception {
    int[] numbers = Arrays.stream(arguments).skip(1).mapToInt(Integer::parseInt).toArray();
    Path folder = Files.createTempDirectory("longshore-scale-");
    try (KubeApiServer server = KubeApiServer.start()) {
      new ScaleBenchmark(Path.of(arguments[0]), folder, server, numbers).run();
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private ScaleBenchmark(Path root, Path folder, KubeApiServer server, int[] numbers)
      throws IOException {
    this.folder = folder;
    this.processes = new Processes(root, folder, server);
    this.routes = numbers[0];
    this.hosts = numbers[1];
    this.changes = numbers[2];
    this.dataPlanes = numbers[3];
    this.cluster = new Cluster(server, root, routes, hosts, dataPlanes);
  }

  private void run() throws Exception {
    long began = System.nanoTime();
    progress("fills the API server with %d routes over %d hosts", routes, hosts);
    cluster.fill();
    progress("took %.0f s", seconds(began));
    System.out.printf(
        Locale.ROOT,
        "%d routes over %d hosts, %d Services with an EndpointSlice of 3; %d data planes; load"
            + " average %s%n%n",
        routes,
        hosts,
        hosts,
        dataPlanes,
        Files.readString(Path.of("/proc/loadavg")).trim());
    System.out.println("| what | figure |\n|---|---|");
    List<Child> children = new ArrayList<>();
    try {
      Child operator = processes.operator();
      int push = operator.push();
      row("start of the operator → the cluster read, data planes served", "%.1f s", operator.age());
      until(() -> cluster.ca() != null);
      Files.writeString(folder.resolve("ca.crt"), Objects.requireNonNull(cluster.ca()));
      double sent = operator.metric(BYTES);
      Child first = processes.dataPlane(1, push);
      children.add(first);
      ready(first);
      row(
          "start of a data plane → the first snapshot applied, while statuses are written",
          "%.1f s",
          first.age());
      row("that snapshot", "%.1f MB", (operator.metric(BYTES) - sent) / 1e6);
      for (int i = 2; i <= dataPlanes; i++) {
        children.add(processes.dataPlane(i, push));
        ready(children.getLast());
      }
      programmed(operator);
      resources("operator, after the start", operator);
      resources("data plane, after the start", first);
      rest(operator, first);
      further(operator, push);
      measure("a route's path", operator, first, this::editRoute);
      measure("an endpoint's address", operator, first, this::editEndpoint);
      resources("operator, at the end", operator);
      resources("data plane, at the end", first);
      restart(operator, push, first);
      first.close();
      Child again = processes.dataPlane(1, push);
      children.add(again);
      ready(again);
      row(
          "restart of a data plane without an operator → serves what it kept",
          "%.1f s",
          again.age());
    } finally {
      children.forEach(Child::close);
    }
  }

  private void editRoute(int change) {
    cluster.editRoute(change * 7919 % routes, "/changed-" + ++salt);
  }

  private void editEndpoint(int change) {
    cluster.editEndpoint(change * 7919 % hosts, "10.3." + salt / 250 + "." + (++salt % 250 + 1));
  }

  /** One change. */
  private interface Edit {
    void make(int change);
  }

  private void measure(String what, Child operator, Child dataPlane, Edit edit)
      throws InterruptedException {
    edit.make(0);
    pause(Duration.ofSeconds(2));
    double bytes = operator.metric(BYTES);
    double messages = operator.metric(MESSAGES);
    double cpuOperator = operator.cpu();
    double cpuDataPlane = dataPlane.cpu();
    double[] millis = new double[changes];
    for (int change = 1; change <= changes; change++) {
      double wanted = operator.metric(ACKS) + dataPlanes;
      int number = change;
      long began = System.nanoTime();
      edit.make(number);
      until(() -> operator.metric(ACKS) >= wanted);
      millis[change - 1] = seconds(began) * 1000;
    }
    Arrays.sort(millis);
    row(
        "a change of " + what + " → all ACKs",
        "p50 %.0f ms, p99 %.0f ms, most %.0f ms (%d changes)",
        millis[changes / 2],
        millis[(int) Math.ceil(changes * 0.99) - 1],
        millis[changes - 1],
        changes);
    double sent = operator.metric(MESSAGES) - messages;
    row(
        "messages of one such change, a data plane",
        "%.2f, of %.0f bytes",
        sent / changes / dataPlanes,
        (operator.metric(BYTES) - bytes) / sent);
    row(
        "processor time of one such change, being watched",
        "operator %.0f ms, data plane %.1f ms",
        (operator.cpu() - cpuOperator) * 1000 / changes,
        (dataPlane.cpu() - cpuDataPlane) * 1000 / changes);
  }

  /** The statuses of all routes are written once. */
  private void programmed(Child operator) throws InterruptedException {
    until(() -> operator.metric(WRITES) >= routes);
    double writes = settled(operator);
    row(
        "start of the operator → every route's status says Programmed",
        "%.0f s, %.0f writes",
        operator.age() - 10,
        writes);
  }

  /** Status writes once none came for 10 s. */
  private double settled(Child operator) throws InterruptedException {
    double before;
    double now = operator.metric(WRITES);
    do {
      before = now;
      pause(Duration.ofSeconds(10));
      now = operator.metric(WRITES);
    } while (now > before);
    return now;
  }

  private void rest(Child operator, Child dataPlane) throws InterruptedException {
    double cpuOperator = operator.cpu();
    double cpuDataPlane = dataPlane.cpu();
    pause(REST);
    row(
        "processor time at rest",
        "operator %.1f %%, data plane %.1f %% of a core",
        (operator.cpu() - cpuOperator) * 100 / REST.toSeconds(),
        (dataPlane.cpu() - cpuDataPlane) * 100 / REST.toSeconds());
  }

  /** One more data plane, which is gone again afterwards. */
  private void further(Child operator, int push) throws IOException, InterruptedException {
    double cpu = operator.cpu();
    try (Child late = processes.dataPlane(dataPlanes + 1, push)) {
      ready(late);
      row(
          "the same at rest",
          "%.1f s; %.1f s of processor time, operator %.1f s",
          late.age(),
          late.cpu(),
          operator.cpu() - cpu);
    }
    until(() -> operator.metric("longshore_operator_push_data_planes") <= dataPlanes);
  }

  /** Again and again, for what one restart takes is chance. */
  private void restart(Child operator, int push, Child dataPlane) throws Exception {
    operator.close();
    double[] served = new double[RESTARTS];
    double[] back = new double[RESTARTS];
    for (int i = 0; i < RESTARTS; i++) {
      try (Child next = processes.operator("--push=127.0.0.1:" + push)) {
        next.push();
        served[i] = next.age();
        until(() -> next.metric("longshore_operator_push_data_planes") >= dataPlanes);
        back[i] = next.age();
        until(() -> next.metric("longshore_operator_leader") >= 1);
        if (i == RESTARTS - 1) {
          pause(Duration.ofSeconds(30));
          row("restart of the operator → data planes served", "%s", seconds(served));
          row("→ all data planes back", "%s", seconds(back));
          row(
              "after a restart",
              "%.0f status writes, %.0f messages to data planes, %.0f snapshots refused",
              next.metric(WRITES),
              next.metric(MESSAGES),
              dataPlane.metric("longshore_config_rejected_total"));
          resources("operator, 30 s after its restart", next);
        }
      }
    }
  }

  private static String seconds(double[] all) {
    double[] sorted = all.clone();
    Arrays.sort(sorted);
    return String.format(
        Locale.ROOT,
        "%.1f s (%.1f to %.1f, of %d)",
        sorted[sorted.length / 2],
        sorted[0],
        sorted[sorted.length - 1],
        sorted.length);
  }

  private void resources(String what, Child child) throws IOException, InterruptedException {
    double cpu = child.cpu();
    long resident = child.resident();
    row(
        what,
        "%.1f s of processor time, %d MB resident (%d at most), live heap %d MB",
        cpu,
        resident,
        child.peak(),
        child.liveHeap());
  }

  private static void ready(Child dataPlane) throws InterruptedException {
    until(() -> dataPlane.page("/readyz?verbose").startsWith("ready"));
  }

  /** Something that becomes true. */
  private interface Condition {
    boolean holds() throws InterruptedException;
  }

  private static void until(Condition condition) throws InterruptedException {
    long began = System.nanoTime();
    while (!condition.holds()) {
      if (System.nanoTime() - began > PATIENCE.toNanos()) {
        throw new IllegalStateException("not within " + PATIENCE);
      }
      pause(POLL);
    }
  }

  private static void pause(Duration time) {
    LockSupport.parkNanos(time.toNanos());
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }

  private static void row(String what, String format, Object... figures) {
    System.out.println("| " + what + " | " + String.format(Locale.ROOT, format, figures) + " |");
  }

  private static void progress(String format, Object... figures) {
    System.err.println(String.format(Locale.ROOT, format, figures));
  }
}
