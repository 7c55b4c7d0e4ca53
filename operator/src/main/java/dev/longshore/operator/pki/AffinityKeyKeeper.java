package dev.longshore.operator.pki;

import dev.longshore.operator.store.KeeperThread;
import dev.longshore.operator.store.OwnObjects;
import dev.longshore.operator.translate.secret.AffinityKey;
import dev.longshore.process.watch.Part;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps, while this replica leads, the Secret that all replicas make the keys of affinity cookies
 * from: makes it when it is missing, and anew when what it holds is no key. Replicas read it as
 * they read every Secret that routes need.
 */
public final class AffinityKeyKeeper implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AffinityKeyKeeper.class);
  private static final Duration PERIOD = Duration.ofMinutes(1);

  /** So often at most while it is missed: every change of the cluster may ask. */
  private static final Duration PAUSE = Duration.ofMillis(200);

  /** Followed like this it doesn't count among those that are followed by name. */
  private static final Map<String, String> LABELS = Map.of("longshore.dev/watch", "true");

  private final KubernetesClient client;
  private final String namespace;
  private final OwnObjects objects;
  private final BooleanSupplier leads;
  private final KeeperThread thread = new KeeperThread("master-key", this::attempt);

  /**
   * Does nothing before {@link #start()}.
   *
   * @param client stays the caller's to close
   * @param namespace of the operator
   * @param leads whether this replica may write now; asked on another thread
   */
  public AffinityKeyKeeper(KubernetesClient client, String namespace, BooleanSupplier leads) {
    this.client = client;
    this.namespace = namespace;
    this.objects = new OwnObjects(client, namespace);
    this.leads = leads;
  }

  /** Has it told of what fails but for the API server. */
  public void watch(Part watched) {
    thread.watch(watched);
  }

  /** Looks after it at once and then every minute. */
  public void start() {
    thread.every(Duration.ZERO, PERIOD);
  }

  /** This replica leads now: looks after it at once. */
  public void lead() {
    thread.after(Duration.ZERO);
  }

  /** Routes miss it: looks after it soon. Never waits; for any thread, as often as it likes. */
  public void missed() {
    thread.soon(PAUSE);
  }

  /** Ends the thread; the Secret stays. */
  @Override
  public void close() {
    thread.close();
  }

  private void attempt() {
    try {
      if (leads.getAsBoolean()) {
        tend();
      }
    } catch (RuntimeException | Error e) {
      if (!(e instanceof KubernetesClientException)) {
        thread.part().fault("the Secret could not be looked after, which is tried again", e);
        return;
      }
      log.warn(
          "Secret {}/{} could not be looked after, which is tried again: {}",
          namespace,
          AffinityKey.NAME,
          e.toString());
    }
  }

  private void tend() {
    Secret present = client.secrets().inNamespace(namespace).withName(AffinityKey.NAME).get();
    if (present != null && AffinityKey.read(present) != null) {
      return;
    }
    byte[] key = new byte[AffinityKey.BYTES];
    new SecureRandom().nextBytes(key);
    Secret made =
        new SecretBuilder()
            .withNewMetadata()
            .withName(AffinityKey.NAME)
            .withLabels(LABELS)
            .endMetadata()
            .withType("Opaque")
            .withData(Map.of(AffinityKey.ENTRY, Base64.getEncoder().encodeToString(key)))
            .build();
    if (!objects.write(made, OwnObjects.revision(present))) {
      log.debug("somebody else wrote it");
    } else if (present == null) {
      log.info("Secret {}/{} was made, for affinity cookies", namespace, AffinityKey.NAME);
    } else {
      log.warn(
          "Secret {}/{} had no {} of {} bytes, and has a new one: affinity cookies that are out"
              + " there mean nothing any more",
          namespace,
          AffinityKey.NAME,
          AffinityKey.ENTRY,
          AffinityKey.BYTES);
    }
  }
}
