package dev.longshore.operator.status;

import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the status of one resource to what the board finds, by server-side apply of a fresh
 * object, and only if it isn't so already. It never builds or publishes anything.
 *
 * <p>A generation that was judged a moment ago waits for the data planes' answers before it is
 * written, so that an edit costs one write and not two.
 */
abstract class StatusReconciler<P extends HasMetadata> implements Reconciler<P> {
  /** Owner of the fields that are applied. */
  static final String FIELD_MANAGER = "longshore-operator";

  private static final Duration ANSWERS = Duration.ofSeconds(1);
  private static final Duration STILL_PENDING = Duration.ofSeconds(5);
  private static final Duration AGAIN = Duration.ofSeconds(1);

  private static final Duration COMPLAINTS = Duration.ofSeconds(10);
  private static final Logger log = LoggerFactory.getLogger(StatusReconciler.class);

  private final AtomicLong complained = new AtomicLong(System.nanoTime() - COMPLAINTS.toNanos());
  private final Kind kind;
  private final StatusContext status;
  private final SimpleInboundEventSource<P> news = new SimpleInboundEventSource<>("news");

  StatusReconciler(Kind kind, StatusContext status) {
    this.kind = kind;
    this.status = status;
  }

  /**
   * A fresh object with the status as it should be, or null if the present one is right.
   *
   * @param fresh has the names only
   */
  abstract @Nullable P wanted(P present, Finding finding, P fresh);

  /** Whether the present status says that this generation is programmed. */
  abstract boolean saysProgrammed(P present, long generation);

  /** Whether there is any status. */
  abstract boolean hasStatus(P present);

  abstract P fresh();

  Kind kind() {
    return kind;
  }

  /** Looks at a resource again; nothing happens before the SDK has started. */
  void look(ResourceRef ref) {
    news.propagateEvent(
        ref.namespace().isEmpty()
            ? new ResourceID(ref.name())
            : new ResourceID(ref.name(), ref.namespace()));
  }

  @Override
  public final List<EventSource<?, P>> prepareEventSources(EventSourceContext<P> context) {
    return List.of(news);
  }

  @Override
  public final UpdateControl<P> reconcile(P present, Context<P> context) {
    ObjectMeta metadata = present.getMetadata();
    ResourceRef ref =
        new ResourceRef(kind, kind.namespaced() ? metadata.getNamespace() : "", metadata.getName());
    long generation = Objects.requireNonNullElse(metadata.getGeneration(), 0L);
    if (saysProgrammed(present, generation)) {
      // Also on replicas that don't lead: they will know when they do.
      status.board().adopt(ref, metadata.getUid(), generation);
    }
    if (!status.leads().getAsBoolean()) {
      return UpdateControl.noUpdate();
    }
    Finding finding = status.board().find(ref);
    if (finding == null) {
      return status.board().takeWithdrawn(ref) && hasStatus(present)
          ? write(ref, present, fresh(metadata), context)
          : UpdateControl.noUpdate();
    }
    if (!finding.uid().equals(metadata.getUid()) || finding.generation() < generation) {
      // It is judged in a moment, and looked at again then.
      return UpdateControl.noUpdate();
    }
    boolean pending = finding.progress() instanceof Progress.Pending;
    if (pending && finding.pendingFor() < ANSWERS.toMillis()) {
      return UpdateControl.<P>noUpdate().rescheduleAfter(ANSWERS.minusMillis(finding.pendingFor()));
    }
    P wanted = wanted(present, finding, fresh(metadata));
    UpdateControl<P> control =
        wanted == null ? UpdateControl.noUpdate() : write(ref, present, wanted, context);
    return pending ? control.rescheduleAfter(STILL_PENDING) : control;
  }

  private P fresh(ObjectMeta present) {
    P fresh = fresh();
    ObjectMeta names = new ObjectMeta();
    names.setName(present.getName());
    names.setNamespace(present.getNamespace());
    // Of one that was created anew under the same name, nothing is known yet.
    names.setUid(present.getUid());
    fresh.setMetadata(names);
    return fresh;
  }

  private UpdateControl<P> write(ResourceRef ref, P present, P wanted, Context<P> context) {
    try {
      P written =
          context
              .getClient()
              .resource(wanted)
              .subresource("status")
              .patch(
                  new PatchContext.Builder()
                      .withPatchType(PatchType.SERVER_SIDE_APPLY)
                      .withFieldManager(FIELD_MANAGER)
                      .withForce(true)
                      .build());
      status.written().increment();
      // The watch brings it later; until then this is what a next look has to see.
      context
          .eventSourceRetriever()
          .getControllerEventSource()
          .handleRecentResourceUpdate(ResourceID.fromResource(present), written, present);
      return UpdateControl.noUpdate();
    } catch (KubernetesClientException e) {
      switch (e.getCode()) {
        case HttpURLConnection.HTTP_NOT_FOUND -> {
          // Deleted meanwhile.
          return UpdateControl.noUpdate();
        }
        case HttpURLConnection.HTTP_CONFLICT -> {
          return UpdateControl.<P>noUpdate().rescheduleAfter(AGAIN);
        }
        default -> {
          status.failed().increment();
          complain(ref, e);
          throw e;
        }
      }
    }
  }

  /**
   * The SDK tries again with back-off; without the API server all writes fail, which is said once.
   */
  private void complain(ResourceRef ref, KubernetesClientException failure) {
    long now = System.nanoTime();
    long last = complained.get();
    if (now - last > COMPLAINTS.toNanos() && complained.compareAndSet(last, now)) {
      log.warn(
          "the status of {} can't be written, which is retried: {}", ref, failure.getMessage());
    }
  }
}
