package dev.longshore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.EntryRef;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.SnapshotDelta.Versions;
import dev.longshore.contract.SnapshotError;
import dev.longshore.contract.push.Ack;
import dev.longshore.contract.push.DeltaMessage;
import dev.longshore.contract.push.Features;
import dev.longshore.contract.push.Fleet;
import dev.longshore.contract.push.FromDataPlane;
import dev.longshore.contract.push.FromOperator;
import dev.longshore.contract.push.Goodbye;
import dev.longshore.contract.push.Hello;
import dev.longshore.contract.push.Nack;
import dev.longshore.contract.push.PushCodec;
import dev.longshore.contract.push.PushProtocol;
import dev.longshore.contract.push.SnapshotMessage;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** A data plane that says what the test wants it to, and serves nothing. */
final class PushPeer implements WebSocket.Listener, AutoCloseable {
  private final HttpClient client;
  private final WebSocket socket;
  private final StringBuilder part = new StringBuilder();
  private final BlockingQueue<Object> heard = new LinkedBlockingQueue<>();
  private RoutingSnapshot table = RoutingSnapshot.EMPTY;

  /** Opens the active channel of a data plane that has nothing yet. */
  PushPeer(Path ca, int port, String token, String node) throws Exception {
    client = HttpClient.newBuilder().sslContext(trusting(ca)).build();
    socket =
        client
            .newWebSocketBuilder()
            .subprotocols(PushProtocol.SUBPROTOCOL)
            .header("Authorization", "Bearer " + token)
            .buildAsync(URI.create("wss://localhost:" + port + PushProtocol.PATH), this)
            .join();
    say(
        new Hello(
            PushProtocol.VERSION,
            node,
            "default",
            "test",
            List.copyOf(Features.ALL),
            Hello.Role.ACTIVE,
            null));
  }

  private static SSLContext trusting(Path bundle) throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    try (InputStream in = Files.newInputStream(bundle)) {
      for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry("ca-" + store.size(), one);
      }
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  void say(FromDataPlane message) {
    socket.sendText(new String(PushCodec.write(message), StandardCharsets.US_ASCII), true).join();
  }

  /** Takes the next table, and keeps silent. */
  RoutingSnapshot take() throws Exception {
    table =
        switch (next()) {
          case SnapshotMessage message -> message.snapshot();
          case DeltaMessage message -> message.delta().applyTo(table);
          case Object other -> throw new AssertionError("neither snapshot nor delta: " + other);
        };
    return table;
  }

  /** Says that it serves what it took last. */
  void acknowledge() {
    say(new Ack(Versions.of(table)));
  }

  /** Takes the next table, and refuses it for one entry. */
  void refuse(EntryRef entry, String why) throws Exception {
    RoutingSnapshot kept = table;
    RoutingSnapshot refused = take();
    table = kept;
    say(Nack.of(refused, List.of(new SnapshotError(entry, entry.path(), why))));
  }

  /** Takes and acknowledges tables until one has so many rules. */
  RoutingSnapshot acknowledgeUntil(int rules) throws Exception {
    do {
      take();
      acknowledge();
    } while (table.rules().size() != rules);
    return table;
  }

  /** Whether nothing came that wasn't looked at. */
  boolean heardNothing() {
    return heard.isEmpty();
  }

  /** The reason for which it is sent away next. */
  Goodbye.Reason dismissal() throws InterruptedException {
    return next() instanceof Goodbye goodbye ? goodbye.reason() : dismissal();
  }

  private Object next() throws InterruptedException {
    Object next = heard.poll(60, TimeUnit.SECONDS);
    assertThat(next).as("a message within 60 s").isNotNull();
    return next;
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    part.append(data);
    if (last) {
      try {
        FromOperator message =
            PushCodec.readFromOperator(part.toString().getBytes(StandardCharsets.UTF_8));
        // How many share a total comes at any time, and is not answered.
        if (!(message instanceof Fleet)) {
          heard.add(message);
        }
      } catch (Exception e) {
        heard.add(e);
      }
      part.setLength(0);
    }
    from.request(1);
    return null;
  }

  @Override
  public void close() {
    socket.abort();
    client.shutdownNow();
  }
}
