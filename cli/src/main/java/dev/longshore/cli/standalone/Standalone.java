package dev.longshore.cli.standalone;

import dev.longshore.cli.option.OwnListeners;
import dev.longshore.cli.runtime.StartException;
import dev.longshore.contract.PersistentMap;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleKey;
import dev.longshore.operator.publish.Publisher;
import dev.longshore.operator.quarantine.HeldRule;
import dev.longshore.operator.quarantine.LocalQuarantine;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.source.folder.FolderReading;
import dev.longshore.operator.source.folder.FolderSource;
import dev.longshore.operator.tenure.LocalTenures;
import dev.longshore.operator.translate.Translation;
import dev.longshore.operator.translate.Translator;
import dev.longshore.operator.translate.claim.TranslatorOptions;
import dev.longshore.operator.translate.verdict.Verdict;
import dev.longshore.process.watch.Part;
import dev.longshore.process.watch.Watch;
import dev.longshore.proxy.DataPlane;
import dev.longshore.proxy.DataPlaneOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Operator and data plane in one process: a folder's manifests are translated, published and
 * applied, again with every change. Only the source differs from a cluster.
 */
public final class Standalone implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Standalone.class);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final FolderSource source;
  private final Path manifests;
  private final DataPlane dataPlane;
  private final Reporter reporter;
  private @Nullable Publisher publisher;

  /** When the view is looked at again, if nothing changes; confined to the publisher's thread. */
  private Instant comingBack = Instant.MIN;

  /** What was translated last, which may be less than was read; confined to the same thread. */
  private View translated = View.EMPTY;

  private final CountDownLatch firstJudged = new CountDownLatch(1);
  private volatile FolderReading reading;
  private volatile Judged judged = new Judged(FolderReading.EMPTY, PersistentMap.empty());

  /** What was judged last. */
  record Judged(FolderReading reading, PersistentMap<ResourceRef, Verdict> verdicts) {}

  /** Hears what became of each change, on the publisher's thread: the next one waits for it. */
  public interface Reporter extends AutoCloseable {
    /**
     * A snapshot went to the data plane.
     *
     * @param errors why it was rejected; empty: it is applied
     * @param took time that the data plane needed
     */
    void applied(RoutingSnapshot snapshot, List<String> errors, Duration took);

    /** What the manifests say and what was made of them; after {@link #applied}, if it comes. */
    void judged(FolderReading reading, Translation translation);

    /** There is nothing more to hear of. */
    @Override
    default void close() {}
  }

  public Standalone(Path manifests, DataPlaneOptions options, ReporterFactory reporter) {
    this.manifests = manifests;
    this.source = new FolderSource(manifests, Translator::reads);
    this.dataPlane = new DataPlane(options);
    this.reporter = reporter.of(source, dataPlane.watch());
    this.reading = FolderReading.EMPTY;
    source.watch(dataPlane.watch().part("manifests"));
    dataPlane.adminPages().put("/verdicts", new VerdictsPage(() -> judged, source));
  }

  /** Makes a reporter that can ask where something stands, and say what it is at. */
  @FunctionalInterface
  public interface ReporterFactory {
    Reporter of(FolderSource source, Watch watch);
  }

  /**
   * Follows the folder, and listens once what it holds is applied. Returns when it was judged, or
   * after a while.
   *
   * @throws StartException if the folder can't be read or an address can't be bound
   */
  public void start() throws StartException {
    if (!Files.isDirectory(manifests)) {
      throw new StartException(
          Files.exists(manifests)
              ? manifests
                  + " is not a folder; --manifests wants the folder that holds the manifests"
              : "there is no folder "
                  + manifests
                  + "; --manifests wants the folder that holds the"
                  + " manifests");
    }
    try {
      dataPlane.start();
    } catch (IOException e) {
      throw new StartException(String.valueOf(e.getMessage()));
    }
    Part part = dataPlane.watch().part("publisher");
    Translator translator =
        new Translator(
            TranslatorOptions.STANDALONE,
            (at, cause) -> {
              part.fault(
                  "a fault of the translator at " + (at == null ? "no one resource" : at), cause);
              part.progress();
            });
    LocalTenures tenures = new LocalTenures(translator::translate, OwnListeners.of(dataPlane));
    Publisher started = new Publisher(view -> translate(tenures, view), new Listener(), part);
    publisher = started;
    try {
      // The follower's thread may see a change before the first reading is offered here; the
      // publisher takes whatever was offered last, so the two must not overtake each other.
      synchronized (this) {
        take(started, source.follow(next -> take(started, next)));
      }
    } catch (NoSuchFileException e) {
      throw new StartException("there is no folder " + manifests);
    } catch (IOException e) {
      throw new StartException("the folder " + manifests + " can't be followed: " + e.getMessage());
    }
    try {
      if (!firstJudged.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("{} is still being read; connections are refused until it is", manifests);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Translation translate(LocalTenures tenures, View view) {
    translated = view;
    Translation translation = tenures.translate(view);
    Instant end = tenures.nextEnd();
    Publisher to = publisher;
    Instant now = Instant.now();
    boolean comesBack = comingBack.isAfter(now) && end != null && !end.isBefore(comingBack);
    if (end != null && to != null && !comesBack) {
      // A host is kept for somebody until then: whoever waits for it has it afterwards.
      comingBack = end;
      CompletableFuture.delayedExecutor(
              Math.max(100, Duration.between(now, end).toMillis()), TimeUnit.MILLISECONDS)
          .execute(() -> again(to));
    }
    return translation;
  }

  private synchronized void again(Publisher to) {
    to.offer(reading.view());
  }

  private synchronized void take(Publisher to, FolderReading next) {
    reading = next;
    to.offer(next.view());
  }

  /** The data plane that it runs. */
  public DataPlane dataPlane() {
    return dataPlane;
  }

  /** Goes away politely: see {@link DataPlane#shutdown()}. A second call hurries. */
  public CompletableFuture<Void> shutdown() {
    return dataPlane.shutdown();
  }

  @Override
  public void close() {
    source.close();
    if (publisher != null) {
      publisher.close();
    }
    reporter.close();
    dataPlane.close();
  }

  private final class Listener implements Publisher.Listener {
    private final LocalQuarantine quarantine = new LocalQuarantine(dataPlane::offer);
    private Map<RuleKey, HeldRule> held = Map.of();

    @Override
    public void published(RoutingSnapshot snapshot) {
      long begin = System.nanoTime();
      LocalQuarantine.Result result = quarantine.publish(snapshot);
      held = result.held();
      reporter.applied(
          result.snapshot(),
          result.errors().stream().map(Object::toString).toList(),
          Duration.ofNanos(System.nanoTime() - begin));
    }

    @Override
    public void judged(Translation translation) {
      FolderReading now = new FolderReading(translated, reading.problems());
      Translation told = HeldRules.told(translation, held);
      judged = new Judged(now, told.verdicts());
      reporter.judged(now, told);
      firstJudged.countDown();
    }
  }
}
