package dev.longshore.operator.status;

import dev.longshore.operator.source.ResourceRef;
import dev.longshore.process.watch.Part;
import dev.longshore.process.watch.Worker;
import dev.longshore.process.watch.Worker.Next;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes Events, one at a time and a few a second, from a bounded queue: what doesn't fit is
 * dropped and counted, for the same is said in the status.
 *
 * <p>An Event is named by the hash of what it says about whom. So one that is said again, also by
 * another replica or after a restart, is the same Event and not one more; only what came, went and
 * came again counts on.
 */
public final class EventWriter implements AutoCloseable {
  static final int QUEUE = 2000;

  private static final Logger log = LoggerFactory.getLogger(EventWriter.class);
  private static final String CONTROLLER = "longshore.dev/ingress-controller";
  private static final Duration PAUSE = Duration.ofMillis(50);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(5);
  private static final int LONGEST_NOTE = 1024;
  private static final int LONGEST_NAME = 200;
  private static final int REMEMBERED = 10_000;

  /** With six digits always: the API server takes no others. */
  private static final DateTimeFormatter MICRO_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'");

  private final KubernetesClient client;
  private final String instance;
  private final Counter written;
  private final Counter dropped;

  /** Under the worker's lock. */
  private final Map<String, Queued> queue = new LinkedHashMap<>();

  private final Map<String, Integer> counts =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
          return size() > REMEMBERED;
        }
      };
  private final Worker<Queued> worker;

  /** Confined to the thread. */
  private long notBefore = System.nanoTime();

  private record Queued(String name, Note note, boolean anew) {}

  /**
   * Starts the writer.
   *
   * @param instance name of this replica
   */
  public EventWriter(KubernetesClient client, String instance, MeterRegistry meters) {
    this.client = client;
    this.instance = instance;
    this.written =
        Counter.builder("longshore.operator.events.written")
            .description("Events written")
            .register(meters);
    this.dropped =
        Counter.builder("longshore.operator.events.dropped")
            .description(
                "Events not written, because there were too many or the API server refused")
            .register(meters);
    this.worker =
        new Worker<>(
            Thread.ofPlatform().name("events").daemon().factory(),
            this::next,
            this::write,
            "an Event can't be written",
            Part.unwatched("events"));
  }

  /**
   * Says something.
   *
   * @param anew whether it has just come up; else it may have been said before, and is then left as
   *     it is
   */
  void say(Note note, boolean anew) {
    String name = name(note);
    worker.leave(
        () -> {
          if (queue.size() >= QUEUE && !queue.containsKey(name)) {
            dropped.increment();
          } else {
            queue.put(name, new Queued(name, note, anew));
          }
        });
  }

  /** Forgets what isn't written yet: another replica says it now. */
  void clear() {
    worker.leave(queue::clear);
  }

  @Override
  public void close() {
    worker.end();
    worker.interrupt();
  }

  /** Has it told if nothing is written any more, and of what fails but for the API server. */
  public void watch(Part watched) {
    worker.watch(watched);
  }

  private Next<Queued> next(long now, boolean ending) {
    if (ending) {
      return new Next.End<>();
    } else if (queue.isEmpty()) {
      return new Next.Rest<>();
    } else if (notBefore - now > 0) {
      return new Next.Until<>(notBefore);
    }
    Iterator<Queued> first = queue.values().iterator();
    Queued next = first.next();
    first.remove();
    return new Next.Do<>(next);
  }

  private void write(Queued queued) {
    Duration pause = PAUSE_AFTER_FAILURE;
    try {
      Integer count = counts.get(queued.name);
      if (count == null) {
        create(queued);
      } else if (queued.anew) {
        again(queued, count + 1);
      }
      pause = PAUSE;
    } catch (KubernetesClientException e) {
      dropped.increment();
      log.warn(
          "the Event \"{}\" of {} can't be written: {}",
          queued.note.reason(),
          queued.note.ref(),
          e.getMessage());
      if (e.getCode() != 0 && e.getCode() < HttpURLConnection.HTTP_INTERNAL_ERROR) {
        pause = PAUSE;
      }
    } catch (RuntimeException | Error e) {
      // One Event, and no reason that there are no others.
      dropped.increment();
      throw e;
    } finally {
      notBefore = System.nanoTime() + pause.toNanos();
    }
  }

  private void create(Queued queued) {
    try {
      client.resource(event(queued)).create();
      counts.put(queued.name, 1);
      written.increment();
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw e;
      }
      // Said before, by an earlier leader or before a restart.
      counts.put(queued.name, 1);
      if (queued.anew) {
        again(queued, 2);
      }
    }
  }

  private void again(Queued queued, int count) {
    try {
      client
          .resources(Event.class)
          .inNamespace(namespace(queued.note.ref()))
          .withName(queued.name)
          .patch(
              PatchContext.of(PatchType.JSON_MERGE),
              "{\"series\":{\"count\":" + count + ",\"lastObservedTime\":\"" + now() + "\"}}");
      counts.put(queued.name, count);
      written.increment();
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
        throw e;
      }
      // Events live for an hour.
      counts.remove(queued.name);
      create(queued);
    }
  }

  private Event event(Queued queued) {
    Note note = queued.note;
    EventBuilder event =
        new EventBuilder()
            .withNewMetadata()
            .withName(queued.name)
            .withNamespace(namespace(note.ref()))
            .endMetadata()
            .withEventTime(new MicroTime(now()))
            .withReportingController(CONTROLLER)
            .withReportingInstance(instance)
            .withAction(note.action())
            .withReason(note.reason())
            .withType(note.type())
            .withNote(bounded(note.message()))
            .withNewRegarding()
            .withApiVersion(note.ref().kind().apiVersion())
            .withKind(note.ref().kind().label())
            .withName(note.ref().name())
            .withUid(note.uid().isEmpty() ? null : note.uid())
            .endRegarding();
    if (!note.ref().namespace().isEmpty()) {
      event.editRegarding().withNamespace(note.ref().namespace()).endRegarding();
    }
    return event.build();
  }

  /** Events about what lives in no namespace are in this one, as the API server wants it. */
  private static String namespace(ResourceRef ref) {
    return ref.namespace().isEmpty() ? "default" : ref.namespace();
  }

  private static String now() {
    return MICRO_TIME.format(ZonedDateTime.now(ZoneOffset.UTC));
  }

  private static String bounded(String message) {
    return message.length() <= LONGEST_NOTE
        ? message
        : message.substring(0, LONGEST_NOTE - 1) + "…";
  }

  static String name(Note note) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String part :
          new String[] {
            note.ref().toString(), note.uid(), note.type(), note.reason(), note.message()
          }) {
        digest.update(part.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
      }
      String of = note.ref().name();
      return (of.length() <= LONGEST_NAME ? of : of.substring(0, LONGEST_NAME))
          + "."
          + HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
