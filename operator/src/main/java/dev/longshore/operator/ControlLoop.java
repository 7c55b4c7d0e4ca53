package dev.longshore.operator;

import dev.longshore.contract.PersistentMap;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.push.Origin;
import dev.longshore.operator.publish.Publisher;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.source.cluster.ClusterSource;
import dev.longshore.operator.source.cluster.Scope;
import dev.longshore.operator.status.EventReporter;
import dev.longshore.operator.status.StatusBoard;
import dev.longshore.operator.tenure.TenureKeeper;
import dev.longshore.operator.translate.Translation;
import dev.longshore.operator.translate.Translator;
import dev.longshore.operator.translate.claim.TranslatorOptions;
import dev.longshore.operator.translate.secret.AffinityKey;
import dev.longshore.process.watch.Part;
import dev.longshore.process.watch.Watch;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of a change through the operator: source → translate → publish, and the verdicts to
 * whoever tells people. The same on every replica, whoever leads.
 */
final class ControlLoop implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ControlLoop.class);

  /** For Secrets and ConfigMaps that a change refers to for the first time. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** The same at the start, when nothing else is served that would have to wait. */
  private static final Duration FIRST_PATIENCE = Duration.ofSeconds(30);

  private final ClusterSource source;
  private final Translator translator;
  private final LongSupplier epoch;
  private final PushSide push;
  private final StatusBoard board;
  private final EventReporter reporter;
  private final TenureKeeper tenures;
  private final Runnable onMissingKey;
  private final @Nullable ResourceRef affinityKey;
  private final Part part;
  private final Publisher publisher;
  private final CompletableFuture<Void> published = new CompletableFuture<>();
  private final Map<Kind, Long> origin = new EnumMap<>(Kind.class);
  private final QuotaMeters quotas;
  private final HoldingMeters holdings;
  private final FailingMeters failing;
  private View translated = View.EMPTY;
  private PersistentMap<ResourceRef, ResourceRef> references = PersistentMap.empty();
  private long originEpoch;
  private volatile long sequence;

  /**
   * A loop that doesn't run yet.
   *
   * @param epoch in which past the cluster is
   * @param tenures hears whom hosts belong to
   * @param onMissingKey called while the key of affinity cookies is referred to and isn't there; it
   *     must return at once
   * @param watch gets what goes on here as parts
   */
  ControlLoop(
      KubernetesClient client,
      Scope scope,
      TranslatorOptions options,
      LongSupplier epoch,
      PushSide push,
      StatusBoard board,
      EventReporter reporter,
      TenureKeeper tenures,
      Runnable onMissingKey,
      MeterRegistry meters,
      Watch watch) {
    this.part = watch.part("publisher");
    this.epoch = epoch;
    this.push = push;
    this.board = board;
    this.reporter = reporter;
    this.tenures = tenures;
    this.onMissingKey = onMissingKey;
    this.quotas = new QuotaMeters(meters);
    this.holdings = new HoldingMeters(meters);
    this.affinityKey =
        options.affinityKey() instanceof AffinityKey.InCluster cluster ? cluster.secret() : null;
    this.failing = new FailingMeters(meters);
    this.translator = new Translator(options, this::failed);
    this.publisher = new Publisher(this::translate, new Listener(), part);
    this.source =
        new ClusterSource(
            client, scope, options.externalNames(), Translator::reads, publisher::offer, watch);
  }

  /** Follows the cluster; nothing is published before all lists are there. */
  void start() {
    source.start();
    source
        .synced()
        .thenRun(
            () -> {
              log.info("the cluster was read: {}", source.view());
              source.announce();
            });
  }

  /** Completes when the first snapshot is out. */
  CompletableFuture<Void> published() {
    return published;
  }

  ClusterSource source() {
    return source;
  }

  /** How many snapshots went out. */
  long sequence() {
    return sequence;
  }

  @Override
  public void close() {
    source.close();
    publisher.close();
  }

  /**
   * What a view means. What it refers to for the first time is looked for before it is published,
   * so that a route never answers 503 only because its Secret hasn't been read yet.
   */
  private Translation translate(View view) {
    Translation translation = translator.translate(view);
    translated = view;
    Duration patience = sequence == 0 ? FIRST_PATIENCE : PATIENCE;
    part.begin(Watch.patience(view.size()).plus(patience));
    if (source.follow(translation.references(), patience)) {
      // Of what was waited for alone: the rest has its turn.
      View read = source.view();
      for (ResourceRef ref : unread(translation)) {
        translated = translated.with(ref, read);
      }
      publisher.translated(translated);
      references = translation.references();
      return translator.translate(translated);
    }
    references = translation.references();
    return translation;
  }

  /** What is referred to for the first time. */
  private List<ResourceRef> unread(Translation translation) {
    List<ResourceRef> unread = new ArrayList<>();
    references.diff(
        translation.references(),
        (ref, before, now) -> {
          if (before == null) {
            unread.add(ref);
          }
        });
    return unread;
  }

  private void failed(@Nullable ResourceRef at, Throwable cause) {
    part.fault("a fault of the translator at " + (at == null ? "no one resource" : at), cause);
    part.progress();
  }

  private boolean hasAffinityKey() {
    Secret secret = affinityKey == null ? null : translated.secrets().get(affinityKey);
    return secret != null && AffinityKey.read(secret) != null;
  }

  private Origin origin() {
    long now = epoch.getAsLong();
    if (now != originEpoch) {
      origin.clear();
      originEpoch = now;
    }
    // A feed that starts anew knows nothing for a moment: what was read before still counts.
    source.resourceVersions().forEach((kind, version) -> origin.merge(kind, version, Math::max));
    Map<String, String> versions = new TreeMap<>();
    origin.forEach((kind, version) -> versions.put(kind.label(), String.valueOf(version)));
    return Origin.of(now, versions);
  }

  private final class Listener implements Publisher.Listener {
    @Override
    public void published(RoutingSnapshot snapshot) {
      long next = sequence + 1;
      board.published(next, snapshot);
      push.publish(next, snapshot, origin());
      sequence = next;
      published.complete(null);
    }

    @Override
    public void judged(Translation translation) {
      quotas.show(translator.quotaShares());
      holdings.show(source.shares());
      failing.show(translator.failing());
      board.judged(translated, translation);
      reporter.judged(translated, translation);
      tenures.judged(translated, translation);
      if (affinityKey != null
          && translation.references().get(affinityKey) != null
          && !hasAffinityKey()) {
        onMissingKey.run();
      }
    }
  }
}
