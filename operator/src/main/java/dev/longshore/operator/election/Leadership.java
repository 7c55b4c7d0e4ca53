package dev.longshore.operator.election;

import dev.longshore.process.watch.Part;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfig;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands for election by a Lease as long as the process runs: who loses it stands again, and who
 * ends gives it up at once, so that another replica leads within a second or two. Everybody watches
 * and serves; only who leads writes.
 *
 * <p>A leader that can't renew stops counting as one before its Lease runs out, whatever the
 * elector is still busy with: nobody else can have taken it then.
 */
public final class Leadership implements AutoCloseable {
  /** How long a Lease lasts that is not renewed: how long nobody leads after a crash. */
  public static final Duration LEASE = Duration.ofSeconds(9);

  private static final Logger log = LoggerFactory.getLogger(Leadership.class);
  private static final Duration RENEW_DEADLINE = Duration.ofSeconds(6);
  private static final Duration RETRY = Duration.ofSeconds(1);

  /** What was sent just before has to arrive, and the clock of a successor may be ahead of ours. */
  private static final Duration MARGIN = Duration.ofSeconds(1);

  private final KubernetesClient client;
  private final RenewalClock lock;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private final Thread thread;
  private volatile Part part = Part.unwatched("leader-election");
  private volatile boolean elected;
  private volatile boolean closed;
  private volatile @Nullable CompletableFuture<?> running;

  /** Hears of changes, on a thread of the elector's: should return soon. */
  public interface Listener {
    /** This replica writes from now on. */
    void gained();

    /** It doesn't any more. */
    default void lost() {}
  }

  /**
   * A candidate that doesn't stand yet.
   *
   * @param client with few retries and short time-outs: an answer that comes late is no renewal
   * @param identity of this replica, such as the pod's name
   */
  public Leadership(KubernetesClient client, String namespace, String lease, String identity) {
    this.client = client;
    this.lock = new RenewalClock(namespace, lease, identity);
    this.thread = Thread.ofPlatform().name("leader-election").daemon().unstarted(this::run);
  }

  /** Tells a listener of every change from now on. */
  public void addListener(Listener listener) {
    listeners.add(listener);
  }

  /** Stands for election. */
  public void start() {
    thread.start();
  }

  /** Whether this replica may write, now. */
  public boolean isLeader() {
    return elected && lock.sinceRenewal().compareTo(LEASE.minus(MARGIN)) < 0;
  }

  /** Gives the Lease up, if held, and doesn't stand any more. */
  @Override
  public void close() {
    part.over();
    closed = true;
    CompletableFuture<?> elector = running;
    if (elector != null) {
      elector.cancel(true);
    }
    thread.interrupt();
    if (Thread.currentThread() != thread && thread.isAlive()) {
      try {
        thread.join(Duration.ofSeconds(5));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    deposed();
  }

  /** Has it told if the election ends, and of what fails but for the API server. */
  public void watch(Part watched) {
    part = watched;
    watched.runsOn(thread);
  }

  private void run() {
    while (!closed) {
      try {
        CompletableFuture<?> elector = client.leaderElector().withConfig(config()).build().start();
        running = elector;
        if (closed) {
          elector.cancel(true);
        }
        elector.get();
      } catch (CancellationException e) {
        // close()
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (ExecutionException | RuntimeException | Error e) {
        part.fault("the election failed, and is repeated", e);
      }
      deposed();
      try {
        Thread.sleep(RETRY);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private LeaderElectionConfig config() {
    return new LeaderElectionConfigBuilder()
        .withName("longshore")
        .withLock(lock)
        .withLeaseDuration(LEASE)
        .withRenewDeadline(RENEW_DEADLINE)
        .withRetryPeriod(RETRY)
        .withReleaseOnCancel(true)
        .withLeaderCallbacks(
            new LeaderCallbacks(
                this::elected,
                this::deposed,
                leader -> {
                  if (leader != null && !leader.isEmpty() && !leader.equals(lock.identity())) {
                    log.info("{} leads", leader);
                  }
                }))
        .build();
  }

  private void elected() {
    synchronized (this) {
      if (elected || closed) {
        return;
      }
      elected = true;
    }
    log.info("this replica, {}, leads", lock.identity());
    tell("gained", Listener::gained);
  }

  private void deposed() {
    synchronized (this) {
      if (!elected) {
        return;
      }
      elected = false;
    }
    log.info("this replica, {}, leads no more", lock.identity());
    tell("lost", Listener::lost);
  }

  /** On the elector's thread, which has a Lease to renew: whoever holds it up is stuck. */
  private void tell(String what, Consumer<Listener> news) {
    part.begin();
    try {
      for (Listener listener : listeners) {
        try {
          news.accept(listener);
        } catch (RuntimeException | Error e) {
          part.fault("somebody can't hear that the lead was " + what, e);
        }
      }
    } finally {
      part.end();
    }
  }
}
