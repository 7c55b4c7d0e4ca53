package dev.longshore.testkube;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A kube-apiserver with an etcd of its own, on free loopback ports, with RBAC, service-account
 * tokens and nothing in it. No controller runs beside it: what a controller manager, a scheduler or
 * a kubelet would do (default service accounts, EndpointSlices, the end of a namespace) the test
 * does itself.
 *
 * <p>Both processes end, and their files are removed, on {@link #close()}, and in any case when the
 * JVM ends, however it does. An instance is used by one thread at a time; its clients by any.
 */
public final class KubeApiServer implements AutoCloseable {
  /** The issuer of service-account tokens, and the audience of those that name none. */
  private static final String ISSUER = "https://kubernetes.default.svc.cluster.local";

  private static @Nullable KubeApiServer shared;

  private final Path directory;
  private final Supervised janitor;
  private final Binaries binaries;
  private final Etcd etcd;
  private final int port;
  private final String adminToken;
  private final Path log;
  private @Nullable Supervised process;
  private @Nullable KubernetesClient admin;
  private int snapshots;

  private KubeApiServer(Binaries binaries, Path directory) {
    this.binaries = binaries;
    this.directory = directory;
    this.janitor = Supervised.janitor(directory);
    this.etcd = new Etcd(binaries.etcd(), directory);
    this.port = Ports.free();
    byte[] random = new byte[16];
    new SecureRandom().nextBytes(random);
    this.adminToken = HexFormat.of().formatHex(random);
    this.log = directory.resolve("kube-apiserver.log");
  }

  /**
   * The one that the tests of this JVM share, started by the first who asks. Tests that share it
   * keep to namespaces of their own, and neither {@link #kill()}, {@link #restore} nor {@link
   * #close()} it: the end of the JVM does.
   */
  public static synchronized KubeApiServer shared() {
    if (shared == null) {
      KubeApiServer server = start();
      Runtime.getRuntime().addShutdownHook(new Thread(server::close, "testkube-close"));
      shared = server;
    }
    return shared;
  }

  /**
   * Starts one and waits until it is ready, some seconds.
   *
   * @throws IllegalStateException when there are no binaries, with what to do about it; or when it
   *     doesn't become ready, with what it logged
   */
  public static KubeApiServer start() {
    Binaries binaries = Binaries.find();
    try {
      KubeApiServer server =
          new KubeApiServer(binaries, Files.createTempDirectory("longshore-testkube-"));
      try {
        server.writeCredentials();
        server.etcd.start();
        server.startApiServer();
      } catch (RuntimeException | IOException e) {
        server.close();
        throw e;
      }
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where it listens; the same after every {@link #restart()}. */
  public URI url() {
    return URI.create("https://127.0.0.1:" + port);
  }

  /** A file with the certificates, in PEM, that its own is verified by. */
  public Path certificateAuthority() {
    return directory.resolve("pki/apiserver.crt");
  }

  /** The bearer token of a user who may do everything. */
  public String adminToken() {
    return adminToken;
  }

  /** A kubeconfig file for that user. */
  public Path kubeconfig() {
    return directory.resolve("kubeconfig");
  }

  /** A client of that user; closed with the server, not by its users. */
  public KubernetesClient admin() {
    if (admin == null) {
      throw new IllegalStateException("the API server was never ready");
    }
    return admin;
  }

  /** A client that sends a token; the caller closes it. */
  public KubernetesClient client(String token) {
    return client(configuration(token).build());
  }

  /** A client that acts as a service account, by a token of its own; the caller closes it. */
  public KubernetesClient client(String namespace, String serviceAccount) {
    return client(token(namespace, serviceAccount));
  }

  /**
   * A configuration of a client that knows this server and nothing of the environment, to be
   * completed by the caller.
   */
  public ConfigBuilder configuration(String token) {
    return new ConfigBuilder(Config.empty())
        .withMasterUrl(url().toString())
        .withCaCertFile(certificateAuthority().toString())
        .withOauthToken(token);
  }

  /**
   * A token of a service account, valid for an hour.
   *
   * @param audiences whom it is for; none: the API server itself
   */
  public String token(String namespace, String serviceAccount, String... audiences) {
    return new Namespaces(admin()).token(namespace, serviceAccount, audiences);
  }

  /**
   * A token as a pod has it in a projected volume, bound to that pod, valid for an hour. The pod is
   * created if it isn't there; nobody runs it.
   */
  public String podToken(String namespace, String serviceAccount, String pod, String... audiences) {
    return new Namespaces(admin()).podToken(namespace, serviceAccount, pod, audiences);
  }

  /**
   * Creates a namespace that nobody else uses, with its service account {@code default} and others.
   * Nobody could remove it again: it ends with the server.
   *
   * @param prefix what its name begins with
   * @return its name
   */
  public String createNamespace(String prefix, String... serviceAccounts) {
    return new Namespaces(admin()).create(prefix, serviceAccounts);
  }

  /** Creates a namespace of exactly this name, unless it is there, and its service accounts. */
  public void ensureNamespace(String name, String... serviceAccounts) {
    new Namespaces(admin()).ensure(name, serviceAccounts);
  }

  /** Applies the CRDs of the checkout and waits until their kinds can be used. */
  public void applyCrds() {
    new CheckoutCrds(admin()).apply();
  }

  /**
   * Deletes all CRDs with everything of their kinds, and waits until no client finds these any
   * more: the server is as one that never had them.
   */
  public void removeCrds() {
    new CheckoutCrds(admin()).remove();
  }

  /** Ends the API server by SIGKILL; etcd goes on. Returns when it is gone. */
  public void kill() {
    if (process != null) {
      process.kill();
      process = null;
    }
  }

  /**
   * Starts the API server anew, on the same port, certificate and data, after {@link #kill()} or
   * instead of it. Returns when it is ready. Whoever then watches from a resource version of before
   * the last write is told that it expired (410), and must list again.
   */
  public void restart() {
    kill();
    startApiServer();
  }

  /** Saves what etcd holds. The API server goes away and comes back meanwhile. */
  public EtcdSnapshot snapshot() {
    kill();
    etcd.stop();
    EtcdSnapshot snapshot = new EtcdSnapshot(directory.resolve("snapshot-" + ++snapshots));
    etcd.save(snapshot.data());
    etcd.start();
    startApiServer();
    return snapshot;
  }

  /**
   * Puts etcd back to an older state, as an operator restores a backup: resource versions go
   * backwards. The API server goes away and comes back meanwhile.
   */
  public void restore(EtcdSnapshot snapshot) {
    kill();
    etcd.stop();
    etcd.load(snapshot.data());
    etcd.start();
    startApiServer();
  }

  /** Ends both processes and removes all that they wrote. */
  @Override
  public void close() {
    if (admin != null) {
      admin.close();
    }
    kill();
    etcd.stop();
    janitor.kill();
  }

  private void startApiServer() {
    List<String> command = new ArrayList<>();
    command.add(binaries.apiServer().toString());
    command.addAll(
        List.of(
            "--etcd-servers=" + etcd.url(),
            "--bind-address=127.0.0.1",
            "--secure-port=" + port,
            "--advertise-address=127.0.0.1",
            // It would refuse to publish a loopback address as the endpoint of its own Service.
            "--endpoint-reconciler-type=none",
            "--cert-dir=" + directory.resolve("pki"),
            "--service-cluster-ip-range=10.96.0.0/16",
            "--allow-privileged=true",
            "--authorization-mode=RBAC",
            "--token-auth-file=" + directory.resolve("tokens.csv"),
            "--service-account-issuer=" + ISSUER,
            "--service-account-signing-key-file=" + directory.resolve("sa.key"),
            "--service-account-key-file=" + directory.resolve("sa.pub"),
            // It would wait for a controller to make the default service account.
            "--disable-admission-plugins=ServiceAccount"));
    Supervised started = Supervised.run(command, log);
    process = started;
    // Its certificate, which it makes itself, is there before it listens.
    Waiting.until(
        "the API server listens on port " + port, started, log, () -> Ports.listens(port));
    // Without the patience of the clients that tests use.
    try (KubernetesClient probe =
        client(configuration(adminToken).withRequestRetryBackoffLimit(0).build())) {
      Waiting.until("the API server is ready", started, log, () -> isReady(probe));
    }
    if (admin == null) {
      admin = client(adminToken);
    }
  }

  private static boolean isReady(KubernetesClient probe) {
    try {
      return "ok".equals(probe.raw("/readyz"));
    } catch (KubernetesClientException e) {
      return false;
    }
  }

  private static KubernetesClient client(Config config) {
    return new KubernetesClientBuilder().withConfig(config).build();
  }

  private void writeCredentials() throws IOException {
    KeyFiles.writeKeyPair(directory.resolve("sa.key"), directory.resolve("sa.pub"));
    Files.writeString(
        directory.resolve("tokens.csv"), adminToken + ",admin,admin,system:masters\n");
    Files.writeString(
        kubeconfig(),
        """
        apiVersion: v1
        kind: Config
        clusters:
          - name: testkube
            cluster:
              server: %s
              certificate-authority: %s
        users:
          - name: admin
            user:
              token: %s
        contexts:
          - name: testkube
            context:
              cluster: testkube
              user: admin
        current-context: testkube
        """
            .formatted(url(), certificateAuthority(), adminToken));
  }
}
