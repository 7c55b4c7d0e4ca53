package dev.longshore.operator;

import dev.longshore.process.admin.AdminPage;
import dev.longshore.process.admin.AdminResponse;
import dev.longshore.process.admin.AdminServer;
import dev.longshore.process.admin.Hosts;
import dev.longshore.process.admin.Probes;
import dev.longshore.process.admin.Query;
import dev.longshore.process.watch.Watch;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Answers /metrics, /livez and /readyz; the latter with what is still missing. */
final class HttpPages implements AutoCloseable {
  private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final AdminServer server;
  private final InetSocketAddress address;

  /**
   * Listens.
   *
   * @param missing what keeps this replica from being ready; empty: nothing
   * @param watch knows what keeps it from being live
   * @throws IOException if the address can't be bound
   */
  HttpPages(
      InetSocketAddress address,
      PrometheusMeterRegistry meters,
      Supplier<List<String>> missing,
      Watch watch)
      throws IOException {
    this.server = new AdminServer(new Answers(missing, watch), watch);
    server.bindTo(meters);
    Map<String, AdminPage> pages = AdminServer.pages();
    pages.put(
        "/metrics",
        query ->
            new AdminResponse(200, METRICS_TYPE, meters.scrape().getBytes(StandardCharsets.UTF_8)));
    try {
      this.address = server.listen(address, pages, Hosts.ANY);
    } catch (IOException e) {
      server.close();
      throw e;
    }
  }

  InetSocketAddress address() {
    return address;
  }

  @Override
  public void close() {
    server.close();
  }

  private record Answers(Supplier<List<String>> missing, Watch watch) implements Probes {
    @Override
    public AdminResponse live() {
      return AdminResponse.liveness(watch.troubles());
    }

    @Override
    public AdminResponse ready(Query query) {
      List<String> waitingFor = missing.get();
      return waitingFor.isEmpty()
          ? AdminResponse.text(200, "ok\n")
          : AdminResponse.text(
              503, "waiting for " + String.join("\nwaiting for ", waitingFor) + "\n");
    }
  }
}
