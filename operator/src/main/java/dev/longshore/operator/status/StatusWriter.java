package dev.longshore.operator.status;

import dev.longshore.contract.HardLimits;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.process.watch.Part;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.processing.event.rate.LinearRateLimiter;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs the reconcilers that write status, by the Java Operator SDK: its queue holds each resource
 * at most once, retries with back-off and bounds how often one resource is looked at. Election is
 * not the SDK's: the reconcilers run on every replica and ask before they write.
 */
public final class StatusWriter implements AutoCloseable {
  /** Concurrent writes: what an API server takes beside everything else that it does. */
  private static final int WRITERS = 4;

  private static final int LOOKS = 20;
  private static final Duration LOOKS_WITHIN = Duration.ofSeconds(10);

  private final Operator sdk;
  private final List<StatusReconciler<?>> reconcilers;
  private final Set<String> namespaces;
  private volatile Part part = Part.unwatched("status");
  private volatile boolean closed;

  /**
   * @param namespaces whose resources are written; empty: all
   * @param leads whether this replica writes, now
   */
  public StatusWriter(
      KubernetesClient client,
      Set<String> namespaces,
      StatusBoard board,
      BooleanSupplier leads,
      MeterRegistry meters) {
    this.namespaces = namespaces;
    StatusContext context =
        new StatusContext(
            board,
            leads,
            Counter.builder("longshore.operator.status.writes")
                .description("Statuses written")
                .register(meters),
            Counter.builder("longshore.operator.status.failures")
                .description("Writes of a status that failed, and are tried again")
                .register(meters));
    RouteStatusReconciler routes = new RouteStatusReconciler(context);
    IngressStatusReconciler ingresses = new IngressStatusReconciler(context);
    ConfigStatusReconciler configs = new ConfigStatusReconciler(context);
    this.reconcilers = List.of(routes, ingresses, configs);
    this.sdk =
        new Operator(
            settings ->
                settings
                    .withKubernetesClient(client)
                    .withCloseClientOnStop(false)
                    .withConcurrentReconciliationThreads(WRITERS)
                    .withStopOnInformerErrorDuringStartup(false)
                    .withCacheSyncTimeout(Duration.ofSeconds(60))
                    .withReconciliationTerminationTimeout(Duration.ofSeconds(2))
                    // By default the SDK would end the process.
                    .withInformerStoppedHandler(
                        (informer, failure) -> stopped(String.valueOf(informer), failure)));
    sdk.register(routes, this::configure);
    sdk.register(ingresses, this::configure);
    sdk.register(
        configs,
        settings -> {
          configure(settings);
          settings.watchingAllNamespaces();
        });
  }

  /** Has it told when what has a status isn't followed any more. */
  public void watch(Part watched) {
    part = watched;
  }

  /** An informer of the SDK has ended: nothing is written any more of what it followed. */
  void stopped(String informer, @Nullable Throwable failure) {
    if (failure != null && !closed) {
      part.died("is not followed any more: " + informer, failure);
    }
  }

  /** Lists what has a status, and writes from then on; waits for the lists. */
  public void start() {
    part.over(); // what an attempt before this one left behind
    sdk.start();
  }

  /** Looks at resources again. */
  public void look(Collection<ResourceRef> refs) {
    for (ResourceRef ref : refs) {
      for (StatusReconciler<?> reconciler : reconcilers) {
        if (reconciler.kind() == ref.kind()) {
          reconciler.look(ref);
        }
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    part.over();
    sdk.stop();
  }

  private <P extends HasMetadata> void configure(ControllerConfigurationOverrider<P> settings) {
    settings
        .withRetry(
            GenericRetry.defaultLimitedExponentialRetry()
                .setInitialInterval(Duration.ofSeconds(1))
                .setIntervalMultiplier(2)
                .setMaxInterval(Duration.ofMinutes(1).toMillis())
                .withoutMaxAttempts())
        .withRateLimiter(new LinearRateLimiter(LOOKS_WITHIN, LOOKS))
        .withInformerListLimit((long) HardLimits.LISTED_AT_ONCE);
    if (namespaces.isEmpty()) {
      settings.watchingAllNamespaces();
    } else {
      settings.settingNamespaces(namespaces);
    }
  }
}
