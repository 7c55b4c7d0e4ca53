package dev.longshore.cli;

import dev.longshore.contract.PersistentMap;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleKey;
import dev.longshore.operator.publish.LocalQuarantine;
import dev.longshore.operator.publish.Publisher;
import dev.longshore.operator.publish.Quarantine;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.folder.FolderReading;
import dev.longshore.operator.source.folder.FolderSource;
import dev.longshore.operator.translate.Translation;
import dev.longshore.operator.translate.Translator;
import dev.longshore.operator.translate.TranslatorOptions;
import dev.longshore.operator.translate.Verdict;
import dev.longshore.proxy.DataPlane;
import dev.longshore.proxy.DataPlaneOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
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
final class Standalone implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Standalone.class);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final FolderSource source;
  private final Path manifests;
  private final DataPlane dataPlane;
  private final Reporter reporter;
  private @Nullable Publisher publisher;
  private final CountDownLatch firstJudged = new CountDownLatch(1);
  private volatile FolderReading reading;
  private volatile Judged judged = new Judged(FolderReading.EMPTY, PersistentMap.empty());

  /** What was judged last. */
  record Judged(FolderReading reading, PersistentMap<ResourceRef, Verdict> verdicts) {}

  /** Hears what became of each change, on the publisher's thread. */
  interface Reporter {
    /**
     * A snapshot went to the data plane.
     *
     * @param errors why it was rejected; empty: it is applied
     * @param took time that the data plane needed
     */
    void applied(RoutingSnapshot snapshot, List<String> errors, Duration took);

    /** What the manifests say and what was made of them; after {@link #applied}, if it comes. */
    void judged(FolderReading reading, Translation translation);
  }

  Standalone(Path manifests, DataPlaneOptions options, ReporterFactory reporter) {
    this.manifests = manifests;
    this.source = new FolderSource(manifests);
    this.dataPlane = new DataPlane(options);
    this.reporter = reporter.of(source);
    this.reading = FolderReading.EMPTY;
    dataPlane.adminPages().put("/verdicts", new VerdictsPage(() -> judged, source));
  }

  /** Makes a reporter that can ask where something stands. */
  @FunctionalInterface
  interface ReporterFactory {
    Reporter of(FolderSource source);
  }

  /**
   * Follows the folder, and listens once what it holds is applied. Returns when it was judged, or
   * after a while.
   *
   * @throws StartException if the folder can't be read or an address can't be bound
   */
  void start() throws StartException {
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
    Translator translator = new Translator(TranslatorOptions.STANDALONE);
    Publisher started = new Publisher(translator::translate, new Listener());
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

  private synchronized void take(Publisher to, FolderReading next) {
    reading = next;
    to.offer(next.view());
  }

  DataPlane dataPlane() {
    return dataPlane;
  }

  /** Goes away politely: see {@link DataPlane#shutdown()}. A second call hurries. */
  CompletableFuture<Void> shutdown() {
    return dataPlane.shutdown();
  }

  @Override
  public void close() {
    source.close();
    if (publisher != null) {
      publisher.close();
    }
    dataPlane.close();
  }

  private final class Listener implements Publisher.Listener {
    private final LocalQuarantine quarantine = new LocalQuarantine(dataPlane::offer);
    private Map<RuleKey, Quarantine.Held> held = Map.of();

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
      FolderReading now = reading;
      Translation told = HeldRules.told(translation, held);
      judged = new Judged(now, told.verdicts());
      reporter.judged(now, told);
      firstJudged.countDown();
    }
  }
}
