package dev.longshore.cli;

import dev.longshore.cli.demo.Demo;
import dev.longshore.cli.rehearsal.Backend;
import dev.longshore.cli.rehearsal.Rehearsal;
import dev.longshore.cli.runtime.Build;
import dev.longshore.cli.standalone.Standalone;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.operator.pki.PlaceholderCertificate;
import dev.longshore.operator.source.folder.FolderReading;
import dev.longshore.operator.translate.Translation;
import dev.longshore.proxy.DataPlaneOptions;
import dev.longshore.proxy.DataPlaneOptions.Transport;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import picocli.CommandLine.Command;

/**
 * Starts what a user starts and has it do what it does all day, so that the launcher can make the
 * AOT cache of the classes that it loads (JEP 514) and of what the compiler learns from it (JEP
 * 515): the first seconds of the next process are those of one that has run for a while.
 */
@Command(name = "train", hidden = true, description = "Used by the launcher to make the AOT cache.")
final class TrainCommand implements Callable<Integer> {
  private static final int TRIES = 50;
  private static final InetSocketAddress ANY =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  @Override
  public Integer call() throws Exception {
    Path folder = Files.createTempDirectory("longshore-train");
    try {
      demo(folder.resolve("demo"));
      rehearse(Files.createDirectory(folder.resolve("rehearsal")));
    } finally {
      remove(folder);
    }
    return 0;
  }

  private static DataPlaneOptions options(List<InetSocketAddress> https) {
    return new DataPlaneOptions(List.of(ANY), https, ANY, ANY, 1, Transport.AUTO);
  }

  /** The demo, for its classes: what the first command of most users loads. */
  private static void demo(Path folder) throws Exception {
    PrintStream quiet =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    try (Demo demo =
            new Demo(
                Build.home().resolve("deploy/samples"),
                folder,
                List.of(0, 0),
                options(List.of()),
                quiet);
        HttpClient client = HttpClient.newHttpClient()) {
      int port = demo.standalone().dataPlane().boundHttp().getFirst().getPort();
      for (int i = 0; i < TRIES && get(client, port, "/demo/status") != 200; i++) {
        TimeUnit.MILLISECONDS.sleep(100);
      }
      get(client, port, "/websocket");
      demo.standalone().shutdown().get(20, TimeUnit.SECONDS);
    }
  }

  private static int get(HttpClient client, int port, String path)
      throws IOException, InterruptedException {
    return client
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
            HttpResponse.BodyHandlers.ofString())
        .statusCode();
  }

  private static void rehearse(Path folder) throws Exception {
    PlaceholderCertificate certificate = PlaceholderCertificate.of(List.of("localhost"));
    try (Backend backend = new Backend()) {
      write(folder, manifests(backend.port(), certificate));
      try (Standalone standalone =
          new Standalone(folder, options(List.of(ANY)), (_, _) -> SILENT)) {
        standalone.start();
        try (Rehearsal rehearsal =
            new Rehearsal(
                standalone.dataPlane().boundHttp().getFirst(),
                standalone.dataPlane().boundHttps().getFirst(),
                trusting(certificate),
                scene -> System.err.println("rehearsed " + scene))) {
          rehearsal.play(
              round ->
                  write(
                      folder,
                      manifests(backend.port(), certificate)
                          .replace("path: /other", "path: /other" + round)));
          var gone = standalone.shutdown();
          rehearsal.untilClosed();
          gone.get(20, TimeUnit.SECONDS);
        }
      }
    }
  }

  private static final Standalone.Reporter SILENT =
      new Standalone.Reporter() {
        @Override
        public void applied(RoutingSnapshot snapshot, List<String> errors, Duration took) {}

        @Override
        public void judged(FolderReading reading, Translation translation) {}
      };

  private static void write(Path folder, String manifests) throws IOException {
    Files.writeString(folder.resolve("rehearsal.yaml"), manifests);
  }

  private static String manifests(int port, PlaceholderCertificate certificate) {
    return """
    apiVersion: longshore.dev/v1alpha1
    kind: LongshoreConfig
    metadata: {name: longshore}
    spec:
      processDrain: {delay: 0s, window: 200ms, deadline: 1s}
    ---
    apiVersion: v1
    kind: Secret
    type: kubernetes.io/tls
    metadata: {name: tls, namespace: rehearsal}
    data: {tls.crt: %s, tls.key: %s}
    ---
    apiVersion: longshore.dev/v1alpha1
    kind: WebSocketRoute
    metadata: {name: rehearsal, namespace: rehearsal}
    spec:
      hosts: [localhost]
      tls: [{hosts: [localhost], secretName: tls}]
      upstreams: [{name: backend, endpoints: [{address: 127.0.0.1, port: %d}]}]
      policy: {insecure: Allow}
      locations:
      - {name: served, path: /rehearsal, pathType: Prefix, upstream: backend}
      - {name: other, path: /other, pathType: Prefix, upstream: backend}
    """
        .formatted(base64(certificate.chain()), base64(certificate.key()), port);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static SSLContext trusting(PlaceholderCertificate certificate)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    int entry = 0;
    for (Certificate known :
        CertificateFactory.getInstance("X.509")
            .generateCertificates(
                new ByteArrayInputStream(
                    certificate.chain().getBytes(StandardCharsets.US_ASCII)))) {
      store.setCertificateEntry("rehearsal-" + entry++, known);
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
