package dev.longshore.operator.translate;

import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.Containment.Level;
import dev.longshore.operator.translate.claim.Claimant;
import dev.longshore.operator.translate.claim.Claims;
import dev.longshore.operator.translate.claim.ClassBinding;
import dev.longshore.operator.translate.claim.Quota.Use;
import dev.longshore.operator.translate.claim.References;
import dev.longshore.operator.translate.claim.ResourceTranslator.Context;
import dev.longshore.operator.translate.claim.TranslatorOptions;
import dev.longshore.operator.translate.config.ServedClasses;
import dev.longshore.operator.translate.field.Names;
import dev.longshore.operator.translate.secret.CertificateStore;
import dev.longshore.operator.translate.verdict.Faults;
import dev.longshore.operator.translate.verdict.Problem;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Reason;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Clock;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads resources into claims. A resource at which reading fails, for a fault of ours, is closed
 * alone, in its places.
 */
final class ClaimsReader {
  /** What the owner of a resource hears that brings a fault of ours to light. */
  static final Problem BUG =
      Problem.warning(
          Reason.INVALID,
          "spec",
          "can't be read, which is a bug of the operator: please report it");

  private final TranslatorOptions options;
  private final Clock clock;
  private final ResourceTranslators translators;
  private final Faults faults;
  private final Function<ResourceRef, @Nullable Level> levels;
  private final Set<ResourceRef> failing = new HashSet<>();
  private CertificateStore certificates = new CertificateStore();
  private View view = View.EMPTY;
  private @Nullable ServedClasses classes;

  /**
   * Nothing is read yet.
   *
   * @param levels how much of a resource is held back; null: nothing
   */
  ClaimsReader(
      TranslatorOptions options,
      Clock clock,
      ResourceTranslators translators,
      Faults faults,
      Function<ResourceRef, @Nullable Level> levels) {
    this.options = options;
    this.clock = clock;
    this.translators = translators;
    this.faults = faults;
    this.levels = levels;
  }

  /** Everything is read from this view from now on. */
  void view(View newer) {
    view = newer;
  }

  /** What classes say from now on. */
  void classes(ServedClasses newer) {
    classes = newer;
  }

  /** What was read of certificates; another one after a fault. */
  CertificateStore certificates() {
    return certificates;
  }

  /** After a fault, which may have left anything in it. */
  void forgetCertificates() {
    certificates = new CertificateStore();
  }

  /** Those at which reading failed. */
  Set<ResourceRef> failing() {
    return failing;
  }

  /** What a resource gets from its class; null: it isn't served here. */
  @Nullable ClassBinding binding(HasMetadata resource) {
    return Objects.requireNonNull(classes).bind(translators.className(resource).name());
  }

  /** What a resource takes of its quota at least. */
  Use atLeast(HasMetadata resource) {
    return translators.atLeast(resource);
  }

  /** The resource, as one of those that want hosts. */
  Claimant claimant(ResourceRef ref, HasMetadata resource) {
    return Claimant.of(ref, resource, view.surroundings().places().get(ref));
  }

  /** The claims of a resource; null when it is gone or not served here. */
  @Nullable Claims read(ResourceRef ref) {
    HasMetadata resource = view.get(ref);
    ClassBinding binding = resource == null ? null : binding(resource);
    if (resource == null || binding == null) {
      return null;
    }
    Level level = levels.apply(ref);
    if (level != null) {
      return held(ref, resource, level);
    }
    Claimant claimant = claimant(ref, resource);
    String noRoom = view.unheld().get(ref);
    if (noRoom != null) {
      Problem problem = Problem.warning(Reason.NOT_ALLOWED, "spec", noRoom);
      return Claims.nothing(claimant, problem, Set.of());
    }
    Problems problems = new Problems();
    problems.parse("metadata.name", () -> Names.object(ref.name()));
    problems.parse("metadata.namespace", () -> Names.label(ref.namespace()));
    if (problems.hasFault()) {
      return Claims.none(claimant, problems);
    }
    References references = references(ref);
    try {
      Claims read = translators.read(resource, new Context(claimant, binding, references, options));
      String refused = view.refused().get(ref);
      return SnapshotRules.hold(refused == null ? read : read.refused(refused));
    } catch (RuntimeException | Error e) {
      failing.add(ref);
      faults.failed(ref, own(e));
      if (e instanceof Error) {
        // It may have been interrupted anywhere.
        certificates = new CertificateStore();
      }
      return closed(claimant, resource, references.asked());
    }
  }

  /**
   * A bug, which must not keep everybody else's changes from being served: the places stay, and
   * answer 503.
   */
  private Claims closed(Claimant claimant, HasMetadata resource, Set<ResourceRef> asked) {
    try {
      References none = references(claimant.ref());
      Claims places =
          translators.read(
              translators.placesOnly(resource),
              new Context(claimant, ClassBinding.PLAIN, none, options));
      return SnapshotRules.hold(places.closed(BUG, asked));
    } catch (RuntimeException | Error e) {
      faults.failed(claimant.ref(), own(e));
      return Claims.nothing(claimant, BUG, asked);
    }
  }

  private @Nullable Claims held(ResourceRef ref, HasMetadata resource, Level level) {
    return switch (level) {
      case CLOSED -> closed(claimant(ref, resource), resource, Set.of());
      case WITHOUT_RULES -> Claims.nothing(claimant(ref, resource), BUG, Set.of());
      case UNSEEN -> null;
    };
  }

  private References references(ResourceRef ref) {
    return new References(view, ref.namespace(), clock.instant(), certificates);
  }

  /** One that asks for more memory than there is takes nobody else's: it says so as its own. */
  private static Throwable own(Throwable cause) {
    return cause instanceof OutOfMemoryError
        ? new IllegalStateException("takes more memory than there is: " + cause.getMessage())
        : cause;
  }
}
