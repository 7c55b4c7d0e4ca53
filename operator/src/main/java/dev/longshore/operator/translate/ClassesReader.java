package dev.longshore.operator.translate;

import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.claim.TranslatorOptions;
import dev.longshore.operator.translate.config.ServedClasses;
import dev.longshore.operator.translate.verdict.Faults;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Reason;
import dev.longshore.operator.translate.verdict.VerdictBuilder;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/** Reads classes and configurations, which are few and concern everything, as a whole. */
final class ClassesReader {
  /** Who depends on what the configurations refer to: all of them. */
  static final ResourceRef CLASSES = new ResourceRef(Kind.LONGSHORE_CONFIG, "", "");

  private final TranslatorOptions options;
  private final Clock clock;
  private final Faults faults;

  /** The classes as they were read last, should a configuration not be readable at all. */
  private @Nullable ServedClasses last;

  ClassesReader(TranslatorOptions options, Clock clock, Faults faults) {
    this.options = options;
    this.clock = clock;
    this.faults = faults;
  }

  /**
   * What they say now; what they said before if a fault of ours keeps it from being read.
   *
   * @param reader has certificates, which it loses by a fault
   */
  ServedClasses read(View view, ClaimsReader reader) {
    ServedClasses now;
    try {
      now = ServedClasses.of(view, options, clock.instant(), reader.certificates());
    } catch (RuntimeException | StackOverflowError e) {
      ServedClasses before = last;
      if (before == null) {
        throw e;
      }
      // Nothing is more open than before, and routes go on.
      faults.failed(CLASSES, e);
      reader.forgetCertificates();
      Problems problems = new Problems();
      problems.fault(
          Reason.INVALID,
          "spec",
          "can't be read, which is a bug of the operator: what was read before stays");
      now = before.judged(view, VerdictBuilder.ofConfig(problems));
    }
    last = now;
    return now;
  }
}
