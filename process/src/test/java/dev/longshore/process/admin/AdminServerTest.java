package dev.longshore.process.admin;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.HardLimits;
import dev.longshore.process.watch.Watch;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whoever can connect can't hold more than bounds allow, nor keep probes from being answered. */
@Timeout(60)
class AdminServerTest {
  private static final int BIG = 4 << 20;

  private final Watch watch = new Watch();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final AtomicReference<List<String>> troubles = new AtomicReference<>(List.of());
  private final AtomicInteger made = new AtomicInteger();
  private final List<Socket> sockets = new ArrayList<>();
  private final AdminServer server =
      new AdminServer(
          new Probes() {
            @Override
            public AdminResponse live() {
              return AdminResponse.liveness(troubles.get());
            }

            @Override
            public AdminResponse ready(Query query) {
              return AdminResponse.text(200, "ready\n");
            }
          },
          watch);
  private InetSocketAddress admin;
  private InetSocketAddress metrics;

  @BeforeEach
  void start() throws IOException {
    server.bindTo(meters);
    Map<String, AdminPage> pages = AdminServer.pages();
    pages.put(
        "/big",
        query -> {
          made.incrementAndGet();
          return AdminResponse.text(200, "x".repeat(BIG));
        });
    pages.put(
        "/broken",
        query -> {
          throw new StackOverflowError();
        });
    admin = server.listen(loopback(), pages, Hosts.UNRESOLVED);
    metrics = server.listen(loopback(), pages, Hosts.ANY);
  }

  @AfterEach
  void stop() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    server.close();
    watch.close();
  }

  private static InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(4096);
    socket.setSoTimeout(20_000);
    socket.connect(admin);
    sockets.add(socket);
    return socket;
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(US_ASCII));
  }

  private static String get(String target) {
    return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  }

  private String probe() throws IOException {
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(5000);
      socket.connect(admin);
      send(socket, "GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
      return new String(socket.getInputStream().readAllBytes(), US_ASCII);
    }
  }

  private double cut(Cut reason) {
    return meters
        .get("longshore.admin.cut")
        .tag("reason", reason.label())
        .functionCounter()
        .count();
  }

  @Test
  void isNotLiveWithTheReason() throws Exception {
    assertThat(probe()).startsWith("HTTP/1.1 200");
    troubles.set(List.of("apply: its thread is dead", "deadlines: stuck"));
    assertThat(probe())
        .startsWith("HTTP/1.1 503")
        .endsWith("not live: apply: its thread is dead\nnot live: deadlines: stuck\n");
  }

  /** hostile.md 2: answers that nobody reads must not pile up. */
  @Test
  void whoPipelinesWithoutReadingGetsOneAnswerMade() throws Exception {
    Socket greedy = connect();
    greedy.setSoTimeout(500);
    Thread sender =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    send(greedy, get("/big").repeat(20_000));
                  } catch (IOException e) {
                    // Nobody reads, and at last it is closed.
                  }
                });
    await().until(() -> made.get() == 1);
    await().during(Duration.ofMillis(500)).until(() -> made.get() == 1);
    assertThat(probe()).startsWith("HTTP/1.1 200");
    greedy.close();
    sender.join();
  }

  @Test
  void pipelinedRequestsAreAnsweredInTheirOrder() throws Exception {
    Socket socket = connect();
    int many = 300;
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                send(socket, (get("/livez") + get("/nothing")).repeat(many / 2));
              } catch (IOException e) {
                // The answers tell.
              }
            });
    var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
    List<String> lines = new ArrayList<>();
    while (lines.size() < many) {
      String line = in.readLine();
      if (line.startsWith("HTTP/1.1 ")) {
        lines.add(line.substring(9, 12));
      }
    }
    for (int i = 0; i < many; i++) {
      assertThat(lines.get(i)).isEqualTo(i % 2 == 0 ? "200" : "404");
    }
  }

  /** Each has its own answer to wait for: together they must not fill the heap. */
  @Test
  void answersThatNobodyTakesAreBoundedOverAllConnections() throws Exception {
    int many = HardLimits.ADMIN_ANSWER_BYTES / BIG + 4;
    for (int i = 0; i < many; i++) {
      send(connect(), get("/big"));
    }
    await().until(() -> made.get() == many && cut(Cut.ANSWERS) >= 3);
    assertThat(probe()).startsWith("HTTP/1.1 200");
  }

  /** hostile.md 3: some connections that say nothing, or a byte, are no reason to be restarted. */
  @Test
  void whoHoldsConnectionsLosesTheOldest() throws Exception {
    int many = 2 * HardLimits.ADMIN_CONNECTIONS_PER_ADDRESS;
    for (int i = 0; i < many; i++) {
      send(connect(), "G");
      if (i % 8 == 0) {
        assertThat(probe()).startsWith("HTTP/1.1 200");
      }
    }
    await().until(() -> cut(Cut.CONNECTIONS) >= HardLimits.ADMIN_CONNECTIONS_PER_ADDRESS);
    assertThat(sockets.getFirst().getInputStream().read()).isEqualTo(-1);
  }

  @Test
  void aSlowHeadHasItsTime() throws Exception {
    Socket slow = connect();
    long start = System.nanoTime();
    send(slow, "GET /livez HTTP/1.1\r\n");
    slow.setSoTimeout(1000);
    int read = 0;
    while (read == 0) {
      try {
        send(slow, "X: y\r\n");
        read = slow.getInputStream().read();
      } catch (SocketTimeoutException e) {
        assertThat(System.nanoTime() - start).isLessThan(40_000_000_000L);
      } catch (IOException e) {
        read = -1;
      }
    }
    assertThat(read).isEqualTo(-1);
    assertThat(cut(Cut.SLOW_REQUEST)).isEqualTo(1);
  }

  @Test
  void aPageThatFailsIsOneAnswer() throws Exception {
    Socket socket = connect();
    send(socket, get("/broken") + get("/livez"));
    String answers = "";
    byte[] some = new byte[4096];
    while (!answers.contains("ok\n")) {
      answers += new String(some, 0, socket.getInputStream().read(some), US_ASCII);
    }
    assertThat(answers).startsWith("HTTP/1.1 500");
  }

  /** hostile.md 26: a page of a browser that had its name resolve to this address. */
  @ParameterizedTest
  @CsvSource({
    "Host: evil.example.com, 421, 200",
    "Host: evil.example.com:9090, 421, 200",
    "Host: localhost.evil.example.com, 421, 200",
    "Host: 127.0.0.1.evil.example.com, 421, 200",
    "Host: [::1]x, 421, 200",
    "Host: , 421, 200",
    "Host: localhost, 200, 200",
    "Host: LocalHost:9090, 200, 200",
    "Host: 127.0.0.1:9090, 200, 200",
    "Host: 10.1.2.3, 200, 200",
    "Host: [::1]:9090, 200, 200",
    "Host: [fd00::1], 200, 200",
    "Host: 2130706433, 421, 200"
  })
  void theAdminPortAnswersNoName(String host, String byAdmin, String byMetrics) throws Exception {
    assertThat(status(admin, host)).isEqualTo(byAdmin);
    assertThat(status(metrics, host)).isEqualTo(byMetrics);
  }

  private static String status(InetSocketAddress address, String header) throws IOException {
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(20_000);
      socket.connect(address);
      send(socket, "GET /livez HTTP/1.1\r\n" + header + "\r\nConnection: close\r\n\r\n");
      return new String(socket.getInputStream().readAllBytes(), US_ASCII).substring(9, 12);
    }
  }
}
