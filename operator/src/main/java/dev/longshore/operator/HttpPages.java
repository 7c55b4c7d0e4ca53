package dev.longshore.operator;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** Answers /metrics, /livez and /readyz; the latter with what is still missing. */
final class HttpPages implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService executor = Executors.newFixedThreadPool(2, HttpPages::thread);

  /**
   * Listens.
   *
   * @param missing what keeps this replica from being ready; empty: nothing
   * @throws IOException if the address can't be bound
   */
  HttpPages(
      InetSocketAddress address, PrometheusMeterRegistry meters, Supplier<List<String>> missing)
      throws IOException {
    this.server = HttpServer.create(address, 64);
    server.setExecutor(executor);
    server.createContext(
        "/", exchange -> answer(exchange, "/", () -> new Answer(404, "not found\n")));
    server.createContext(
        "/livez", exchange -> answer(exchange, "/livez", () -> new Answer(200, "ok\n")));
    server.createContext(
        "/readyz", exchange -> answer(exchange, "/readyz", () -> ready(missing.get())));
    server.createContext(
        "/metrics",
        exchange -> answer(exchange, "/metrics", () -> new Answer(200, meters.scrape())));
    server.start();
  }

  private record Answer(int status, String text) {}

  InetSocketAddress address() {
    return server.getAddress();
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }

  private static Answer ready(List<String> missing) {
    return missing.isEmpty()
        ? new Answer(200, "ok\n")
        : new Answer(503, "waiting for " + String.join("\nwaiting for ", missing) + "\n");
  }

  private static void answer(HttpExchange exchange, String path, Supplier<Answer> page)
      throws IOException {
    try (exchange) {
      String method = exchange.getRequestMethod();
      boolean head = method.equals("HEAD");
      Answer answer;
      if (!head && !method.equals("GET")) {
        answer = new Answer(405, "GET and HEAD only\n");
      } else if (!exchange.getRequestURI().getPath().equals(path) && !path.equals("/")) {
        answer = new Answer(404, "not found\n");
      } else {
        answer = page.get();
      }
      byte[] body = answer.text.getBytes(StandardCharsets.UTF_8);
      exchange
          .getResponseHeaders()
          .set(
              "Content-Type",
              path.equals("/metrics")
                  ? "text/plain; version=0.0.4; charset=utf-8"
                  : "text/plain; charset=utf-8");
      exchange.sendResponseHeaders(answer.status, head ? -1 : body.length);
      if (!head) {
        try (OutputStream out = exchange.getResponseBody()) {
          out.write(body);
        }
      }
    }
  }

  private static Thread thread(Runnable task) {
    return Thread.ofPlatform().name("http-pages").daemon().unstarted(task);
  }
}
