package dev.longshore.operator.pki;

import dev.longshore.operator.pki.AuthorityStore.Stored;
import dev.longshore.process.watch.Part;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps this replica's serving certificate fresh and, while it leads, the authorities and what data
 * planes trust. With the API server gone, what there is goes on.
 */
public final class Trust implements Supplier<@Nullable ServerIdentity>, AutoCloseable {
  /** Of a serving certificate. */
  static final Duration SERVING = Duration.ofHours(24);

  /** The age at which the next serving certificate is made. */
  static final Duration RENEW = Duration.ofHours(16);

  private static final Logger log = LoggerFactory.getLogger(Trust.class);
  private static final Duration PERIOD = Duration.ofMinutes(1);
  private static final Duration FIRST_PERIOD = Duration.ofSeconds(1);
  private static final int ATTEMPTS = 5;

  private final AuthorityStore store;
  private final List<String> names;
  private final BooleanSupplier leads;
  private final Clock clock;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("trust").daemon().factory());
  private volatile Part part = Part.unwatched("trust");
  private volatile @Nullable ServerIdentity identity;

  /** When it was last done, by {@link System#nanoTime}; of the thread. */
  private long attempted;

  /**
   * Does nothing before {@link #start()}.
   *
   * @param client stays the caller's to close
   * @param namespace of the operator
   * @param names that data planes dial: DNS names of the push Service, at least one
   * @param leads whether this replica may write now; asked on another thread
   */
  public Trust(
      KubernetesClient client, String namespace, List<String> names, BooleanSupplier leads) {
    this(new KubernetesAuthorityStore(client, namespace), names, leads, Clock.systemUTC());
  }

  Trust(AuthorityStore store, List<String> names, BooleanSupplier leads, Clock clock) {
    this.store = store;
    this.names = List.copyOf(names);
    this.leads = leads;
    this.clock = clock;
  }

  /** Has it told of what fails but for the API server; before {@link #start()}. */
  public void watch(Part watched) {
    part = watched;
  }

  /** Looks after everything at once and then every minute. */
  public void start() {
    thread.scheduleWithFixedDelay(
        part.guarded("certificates can't be looked after", this::run),
        0,
        FIRST_PERIOD.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  /** This replica leads now: looks after everything at once. */
  public void lead() {
    try {
      thread.execute(this::attempt);
    } catch (RejectedExecutionException e) {
      log.debug("too late, trust is closed");
    }
  }

  /** The newest serving certificate; null: there is none yet. Never waits. */
  @Override
  public @Nullable ServerIdentity get() {
    return identity;
  }

  /** Ends the thread; what it made stays. */
  @Override
  public void close() {
    thread.shutdownNow();
  }

  /** Asked every second, which no failure can end; does something each second or minute. */
  private void run() {
    if (identity == null || System.nanoTime() - attempted >= PERIOD.toNanos()) {
      attempt();
    }
  }

  private void attempt() {
    try {
      tend();
    } catch (KubernetesClientException e) {
      log.warn("certificates could not be looked after, what there is stays: {}", e.toString());
    } catch (RuntimeException | Error e) {
      part.fault("certificates could not be looked after, what there is stays", e);
    } finally {
      attempted = System.nanoTime();
    }
  }

  /** What there is to do now; also for tests. */
  void tend() {
    Stored stored = leads.getAsBoolean() ? keepAuthorities() : store.read();
    if (stored.authorities().isEmpty()) {
      log.info("there is no certificate authority yet; the leader makes it");
      return;
    }
    renew(stored.authorities());
  }

  private Stored keepAuthorities() {
    for (int attempt = 1; ; attempt++) {
      Stored stored = store.read();
      Authorities kept = stored.authorities().kept(clock.instant());
      boolean written = kept == stored.authorities();
      if (!written && store.write(stored, kept)) {
        log.info("certificate authorities are now {}", kept.all());
        written = true;
      }
      if (written) {
        store.publish(kept.bundle());
        return new Stored(kept, stored.revision());
      }
      if (attempt == ATTEMPTS) {
        throw new IllegalStateException("others write the certificate authorities all the time");
      }
    }
  }

  private void renew(Authorities trusted) {
    Instant now = clock.instant();
    ServerIdentity present = identity;
    if (present != null
        && trusted.signed(present)
        && now.isBefore(
            present.chain().getFirst().getNotBefore().toInstant().plus(Authority.SKEW).plus(RENEW))
        && now.isBefore(present.chain().getFirst().getNotAfter().toInstant())) {
      return;
    }
    ServerIdentity fresh = trusted.signer(now).issue(names, now, SERVING);
    identity = fresh;
    log.info("serving certificate {}, signed by {}", fresh, trusted.signer(now));
  }
}
