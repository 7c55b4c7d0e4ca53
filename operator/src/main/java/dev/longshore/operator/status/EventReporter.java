package dev.longshore.operator.status;

import dev.longshore.contract.Certificate;
import dev.longshore.contract.Certificate.CertificateKey;
import dev.longshore.contract.PersistentMap;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.Translation;
import dev.longshore.operator.translate.verdict.Problem;
import dev.longshore.operator.translate.verdict.Verdict;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Says in Events what owners of resources should know: each problem when it comes up, what data
 * planes refused, and certificates that expire soon. Only the leader says anything; one that begins
 * to lead says everything that holds, of which most was said before and is left as it is.
 *
 * <p>Thread-safe.
 */
public final class EventReporter {
  /** How long before its end an Event is written on the Secret of a served certificate. */
  public static final Duration EXPIRES_SOON = Duration.ofDays(14);

  /** Of one resource at a time: the rest is in the status. */
  private static final int MOST_OF_ONE = 10;

  private final EventWriter events;
  private final BooleanSupplier leads;
  private View view = View.EMPTY;
  private PersistentMap<ResourceRef, Verdict> verdicts = PersistentMap.empty();
  private PersistentMap<CertificateKey, Certificate> certificates = PersistentMap.empty();
  private Map<ResourceRef, String> rejected = Map.of();

  /**
   * @param leads whether this replica writes, now
   */
  public EventReporter(EventWriter events, BooleanSupplier leads) {
    this.events = events;
    this.leads = leads;
  }

  /** A view was translated. */
  public synchronized void judged(View now, Translation translation) {
    view = now;
    PersistentMap<ResourceRef, Verdict> before = verdicts;
    verdicts = translation.verdicts();
    PersistentMap<CertificateKey, Certificate> certificatesBefore = certificates;
    certificates = translation.snapshot().certificates();
    if (!leads.getAsBoolean()) {
      return;
    }
    before.diff(
        verdicts,
        (ref, older, newer) -> {
          if (newer != null) {
            say(ref, newer, older, true);
          }
        });
    certificatesBefore.diff(
        certificates,
        (key, older, newer) -> {
          if (newer != null) {
            sayExpiry(newer, Instant.now(), false);
          }
        });
  }

  /** What data planes refuse. */
  public synchronized void dataPlanes(DataPlanes now) {
    Map<ResourceRef, String> before = rejected;
    rejected = now.rejected();
    if (leads.getAsBoolean()) {
      rejected.forEach(
          (ref, why) -> {
            if (!why.equals(before.get(ref))) {
              sayRejected(ref, why, true);
            }
          });
    }
  }

  /** A host was given from one namespace to that of a resource which claims it. */
  public synchronized void ownerChanged(String host, String from, ResourceRef to) {
    events.say(
        new Note(
            to,
            uid(to),
            "Normal",
            "HostOwnerChanged",
            "Translate",
            "host "
                + host
                + " belongs to namespace "
                + to.namespace()
                + " now, before to namespace "
                + from),
        true);
  }

  /** This replica writes from now on. */
  public synchronized void gained() {
    verdicts.forEach((ref, verdict) -> say(ref, verdict, null, false));
    rejected.forEach((ref, why) -> sayRejected(ref, why, false));
    expiry(false);
  }

  /** It doesn't any more. */
  public void lost() {
    events.clear();
  }

  /**
   * Says again which certificates end soon; to be called every hour, which is as long as an Event
   * lives: nothing else of the resource says so.
   */
  public void expiry() {
    expiry(true);
  }

  private synchronized void expiry(boolean again) {
    if (leads.getAsBoolean()) {
      Instant now = Instant.now();
      certificates.forEach((key, certificate) -> sayExpiry(certificate, now, again));
    }
  }

  private void say(ResourceRef ref, Verdict verdict, @Nullable Verdict older, boolean anew) {
    Set<Problem> known = older == null ? Set.of() : new HashSet<>(older.problems());
    List<Problem> news =
        verdict.problems().stream().filter(problem -> !known.contains(problem)).toList();
    for (Problem problem : news.subList(0, Math.min(MOST_OF_ONE, news.size()))) {
      events.say(
          new Note(
              ref,
              uid(ref),
              problem.severity().label(),
              problem.reason(),
              "Translate",
              problem.text()),
          anew);
    }
  }

  private void sayRejected(ResourceRef ref, String why, boolean anew) {
    events.say(new Note(ref, uid(ref), "Warning", "Rejected", "Program", why), anew);
  }

  private void sayExpiry(Certificate certificate, Instant now, boolean again) {
    Instant end = end(certificate);
    if (end == null || end.isAfter(now.plus(EXPIRES_SOON))) {
      return;
    }
    ResourceRef secret =
        new ResourceRef(Kind.SECRET, certificate.key().namespace(), certificate.key().secret());
    String date = end.truncatedTo(ChronoUnit.SECONDS).toString();
    boolean over = end.isBefore(now);
    events.say(
        new Note(
            secret,
            uid(secret),
            "Warning",
            over ? "CertificateExpired" : "CertificateExpiresSoon",
            "Serve",
            "the certificate for "
                + String.join(", ", certificate.hosts())
                + (over ? " expired at " : " expires at ")
                + date
                + ": renew it, by updating tls.crt and tls.key"),
        again);
  }

  /** When the leaf's validity ends; null if it can't be read, which the translator tells. */
  private static @Nullable Instant end(Certificate certificate) {
    try {
      byte[] pem = certificate.chain().getBytes(StandardCharsets.US_ASCII);
      return CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(pem))
              instanceof X509Certificate leaf
          ? leaf.getNotAfter().toInstant()
          : null;
    } catch (GeneralSecurityException e) {
      return null;
    }
  }

  private String uid(ResourceRef ref) {
    HasMetadata resource = view.get(ref);
    return resource == null ? "" : Objects.requireNonNullElse(resource.getMetadata().getUid(), "");
  }
}
