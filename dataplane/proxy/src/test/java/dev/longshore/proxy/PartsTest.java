package dev.longshore.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.process.admin.AdminPage;
import dev.longshore.process.admin.AdminResponse;
import dev.longshore.process.admin.AdminServer;
import dev.longshore.process.admin.Hosts;
import dev.longshore.process.admin.Probes;
import dev.longshore.process.admin.Query;
import dev.longshore.process.testing.Parts;
import dev.longshore.process.testing.Strikes;
import dev.longshore.process.testing.Watched;
import dev.longshore.proxy.DataPlaneOptions.Transport;
import dev.longshore.proxy.subscribe.SubscriptionOptions;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Issue 9: nothing of a data plane dies in silence. Each part is struck where its tests stand; here
 * is what has no better place, and that none is left out.
 */
@Timeout(120)
class PartsTest {
  private static final InetSocketAddress ANY =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  /** Struck in module process. */
  private static final Set<String> OF_EVERY_PROCESS = Set.of("watch", "uncaught");

  @TempDir private Path temp;

  /** Whoever adds a part strikes it in a test, and says in docs/metrics.md when it isn't live. */
  @Test
  void everyPartOfARunningDataPlaneIsStruckAndInTheDocs() throws Exception {
    Set<String> struck = new TreeSet<>(OF_EVERY_PROCESS);
    struck.addAll(Parts.struckIn("dev.longshore.proxy"));
    Set<String> running = new TreeSet<>(parts());
    running.add("uncaught"); // made when something isn't caught
    assertThat(struck).isEqualTo(running);
    Parts.assertInTheDocs(running);
  }

  private Set<String> parts() throws Exception {
    try (DataPlane dataPlane =
        new DataPlane(
            new DataPlaneOptions(List.of(ANY), List.of(), ANY, ANY, 1, Transport.NIO),
            OutputStream.nullOutputStream())) {
      dataPlane.start();
      dataPlane.subscribe(
          new SubscriptionOptions(
              "127.0.0.1",
              9,
              temp.resolve("ca.crt"),
              temp.resolve("token"),
              temp.resolve("state"),
              "node",
              "group",
              "1.0"));
      return Parts.shownAt(dataPlane.boundMetrics());
    }
  }

  @Test
  @Strikes("event-loops")
  void anEventLoopIsToldWhenItHangs() throws Exception {
    EventLoop loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory()).next();
    try (Watched watched = new Watched()) {
      watched.watch().part("event-loops").beats(loop);
      watched.hang("event-loops", loop::execute);
    } finally {
      loop.parent().shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }

  /** Of the metrics' own server: its loop, which readiness runs on, and what makes its pages. */
  @Test
  @Strikes("admin")
  void theAdminServerIsToldWhenItHangs() throws Exception {
    AtomicReference<@Nullable Runnable> planted = new AtomicReference<>();
    try (Watched watched = new Watched();
        HttpClient client = HttpClient.newHttpClient();
        AdminServer server = new AdminServer(new Struck(planted), watched.watch())) {
      Map<String, AdminPage> pages = AdminServer.pages();
      pages.put(
          "/page",
          query -> {
            run(planted);
            return AdminResponse.text(200, "made\n");
          });
      InetSocketAddress address = server.listen(ANY, pages, Hosts.UNRESOLVED);
      Consumer<Runnable> onItsPages =
          task -> {
            planted.set(task);
            get(client, address, "/page");
          };
      watched.fail("admin", onItsPages);
      watched.hang("admin", onItsPages);
      watched.exhaust("admin", onItsPages);
      await()
          .until(
              () ->
                  client
                      .send(request(address, "/page"), BodyHandlers.ofString())
                      .body()
                      .equals("made\n"));
    }
    try (Watched watched = new Watched();
        HttpClient client = HttpClient.newHttpClient();
        AdminServer server = new AdminServer(new Struck(planted), watched.watch())) {
      InetSocketAddress address = server.listen(ANY, AdminServer.pages(), Hosts.UNRESOLVED);
      watched.hang(
          "admin",
          task -> {
            planted.set(task);
            get(client, address, "/readyz");
          });
    }
  }

  private static HttpRequest request(InetSocketAddress address, String target) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort() + target))
        .build();
  }

  private static void get(HttpClient client, InetSocketAddress address, String target) {
    var _ = client.sendAsync(request(address, target), BodyHandlers.discarding());
  }

  private static void run(AtomicReference<@Nullable Runnable> planted) {
    Runnable task = planted.getAndSet(null);
    if (task != null) {
      task.run();
    }
  }

  private record Struck(AtomicReference<@Nullable Runnable> planted) implements Probes {
    @Override
    public AdminResponse live() {
      return AdminResponse.text(200, "ok\n");
    }

    @Override
    public AdminResponse ready(Query query) {
      run(planted);
      return AdminResponse.text(200, "ok\n");
    }
  }
}
