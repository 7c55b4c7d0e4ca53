package dev.longshore.cli.rehearsal;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * A data plane's day in some seconds, over real sockets: messages of three sizes, handshakes with
 * their Close, plain requests, the same over TLS and HTTP/2, changes under open tunnels. Each scene
 * ends when it has been played often enough or when its time is up, so that a slow machine is not
 * held up for long. For one thread.
 */
public final class Rehearsal implements AutoCloseable {
  private static final String HOST = "localhost";
  private static final String PATH = "/rehearsal";
  private static final int SOCKETS = 8;
  private static final int OPEN_TO_THE_END = 50;
  private static final Duration LONGEST_SCENE = Duration.ofSeconds(4);

  private final InetSocketAddress http;
  private final InetSocketAddress https;
  private final SSLContext trust;
  private final Consumer<String> progress;
  private final List<Client> left = new ArrayList<>();

  /** Changes what is served. */
  @FunctionalInterface
  public interface Edit {
    /** The {@code round}th time. */
    void make(int round) throws IOException;
  }

  /** What is done again and again. */
  private interface Deed {
    void play(int round) throws IOException, InterruptedException;
  }

  /**
   * Knows where to play.
   *
   * @param http where {@code /rehearsal} is served on the host {@code localhost}
   * @param https where it is over TLS
   * @param trust knows the certificate
   * @param progress hears what is rehearsed
   */
  public Rehearsal(
      InetSocketAddress http,
      InetSocketAddress https,
      SSLContext trust,
      Consumer<String> progress) {
    this.http = http;
    this.https = https;
    this.trust = trust;
    this.progress = progress;
  }

  /**
   * Plays everything. What a data plane does at its end is for the caller to bring about: {@link
   * #OPEN_TO_THE_END} WebSockets are left for it, and {@link #untilClosed} waits for them.
   *
   * @throws IOException if something is not served
   */
  public void play(Edit edit) throws IOException, InterruptedException {
    messages("64 bytes", false, 64, 24_000);
    messages("4 KiB", false, 4 << 10, 6_000);
    messages("64 KiB", false, 64 << 10, 1_500);
    handshakes("handshakes", false, 1_500);
    requests(2_000);
    messages("64 bytes over TLS", true, 64, 6_000);
    messages("16 KiB over TLS", true, 16 << 10, 1_000);
    handshakes("handshakes over TLS", true, 300);
    multiplexed(2_000);
    changes(edit, 40);
  }

  private void messages(String name, boolean secure, int bytes, int times)
      throws IOException, InterruptedException {
    try (Clients clients = new Clients()) {
      for (int i = 0; i < SOCKETS; i++) {
        clients.add(opened(secure));
      }
      scene(
          "messages of " + name,
          times / SOCKETS,
          _ -> {
            for (Client client : clients.all) {
              client.send(bytes);
            }
            for (Client client : clients.all) {
              client.receive();
            }
          });
    }
  }

  private void handshakes(String name, boolean secure, int times)
      throws IOException, InterruptedException {
    scene(
        name,
        times,
        _ -> {
          try (Client client = opened(secure)) {
            client.send(64);
            client.receive();
            client.leave();
          }
        });
  }

  private void requests(int times) throws IOException, InterruptedException {
    try (Client kept = new Client(connect(false))) {
      scene(
          "plain requests",
          times,
          round -> {
            kept.get(PATH);
            if (round % 8 == 0) {
              try (Client once = new Client(connect(false))) {
                once.get(PATH);
              }
            }
          });
    }
  }

  private void multiplexed(int times) throws IOException, InterruptedException {
    URI uri = URI.create("https://" + HOST + ":" + https.getPort() + PATH);
    try (HttpClient client =
        HttpClient.newBuilder().version(Version.HTTP_2).sslContext(trust).build()) {
      HttpRequest get = HttpRequest.newBuilder(uri).build();
      HttpRequest post =
          HttpRequest.newBuilder(uri)
              .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[20_000]))
              .build();
      scene(
          "requests over HTTP/2",
          times,
          round -> client.send(round % 4 == 0 ? post : get, BodyHandlers.discarding()));
    }
  }

  /** Changes while tunnels are open, whose clients stay to see the end. */
  private void changes(Edit edit, int times) throws IOException, InterruptedException {
    for (int i = 0; i < OPEN_TO_THE_END; i++) {
      left.add(opened(false));
    }
    scene(
        "changes",
        times,
        round -> {
          edit.make(round);
          for (Client client : left) {
            client.send(64);
            client.receive();
          }
          Thread.sleep(20);
        });
  }

  /** Waits until everything that was left open has got its Close. */
  public void untilClosed() throws IOException {
    for (Client client : left) {
      client.untilClosed();
    }
  }

  @Override
  public void close() throws IOException {
    for (Client client : left) {
      client.close();
    }
  }

  private void scene(String name, int times, Deed deed) throws IOException, InterruptedException {
    long end = System.nanoTime() + LONGEST_SCENE.toNanos();
    int round = 0;
    while (round < times && System.nanoTime() - end < 0) {
      deed.play(round++);
    }
    progress.accept(name);
  }

  private Client opened(boolean secure) throws IOException {
    Client client = new Client(connect(secure));
    try {
      client.open(PATH);
    } catch (IOException e) {
      client.close();
      throw e;
    }
    return client;
  }

  private Socket connect(boolean secure) throws IOException {
    Socket socket = new Socket();
    try {
      socket.connect(secure ? https : http);
      if (!secure) {
        return socket;
      }
      SSLSocket tls =
          (SSLSocket) trust.getSocketFactory().createSocket(socket, HOST, https.getPort(), true);
      // Of a name without a dot the JDK's sockets say nothing by themselves.
      SSLParameters parameters = tls.getSSLParameters();
      parameters.setServerNames(List.of(new SNIHostName(HOST)));
      tls.setSSLParameters(parameters);
      tls.startHandshake();
      return tls;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private static final class Clients implements AutoCloseable {
    private final List<Client> all = new ArrayList<>();

    void add(Client client) {
      all.add(client);
    }

    @Override
    public void close() throws IOException {
      for (Client client : all) {
        client.close();
      }
    }
  }
}
