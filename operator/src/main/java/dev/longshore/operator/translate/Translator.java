package dev.longshore.operator.translate;

import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.claim.ClassName;
import dev.longshore.operator.translate.claim.TranslatorOptions;
import dev.longshore.operator.translate.config.ServedClasses;
import dev.longshore.operator.translate.foreign.ForeignTable;
import dev.longshore.operator.translate.ingress.IngressAnnotations;
import dev.longshore.operator.translate.quota.QuotaShare;
import dev.longshore.operator.translate.verdict.Faults;
import java.time.Clock;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Translates views one after the other, each at a cost proportional to what changed since the one
 * before. The result depends on the view alone, never on the way to it; but for a warning of a
 * certificate that has expired, which comes when the certificate is read.
 *
 * <p>Not thread-safe: one thread, or one lock, at a time.
 */
public final class Translator {
  private static final Logger LOG = LoggerFactory.getLogger(Translator.class);

  private final Containment<IncrementalTranslation> containment;

  /** A translator that has seen nothing yet; faults are logged. */
  public Translator(TranslatorOptions options) {
    this(options, Clock.systemUTC());
  }

  /** A translator that has seen nothing yet. */
  public Translator(TranslatorOptions options, Faults faults) {
    this(options, Clock.systemUTC(), new ResourceTranslators(), faults);
  }

  /**
   * A translator that has seen nothing yet.
   *
   * @param clock tells whether certificates have expired
   */
  Translator(TranslatorOptions options, Clock clock) {
    this(
        options,
        clock,
        new ResourceTranslators(),
        (at, cause) -> LOG.error("a fault of the translator at {}", at, cause));
  }

  Translator(
      TranslatorOptions options, Clock clock, ResourceTranslators translators, Faults faults) {
    ClassesReader classes = new ClassesReader(options, clock, faults);
    this.containment =
        new Containment<>(
            held ->
                new IncrementalTranslation(
                    options, clock, translators, faults, classes, held::level),
            faults);
  }

  /**
   * What the view means. Never throws for what manifests say: what can't be served is in the
   * verdicts. What can't even be read, for a fault of ours, is closed alone.
   */
  public Translation translate(View view) {
    return containment.translate(view);
  }

  /** Whether an annotation of that key can mean anything here. */
  public static boolean reads(String annotation) {
    return annotation.startsWith(IngressAnnotations.PREFIX)
        || annotation.equals(ClassName.ANNOTATION)
        || annotation.equals(ServedClasses.IS_DEFAULT)
        || ForeignTable.get().knows(annotation.substring(0, annotation.indexOf('/') + 1));
  }

  /** The namespaces that are nearest to their quotas, at most 20. */
  public List<QuotaShare> quotaShares() {
    return containment.current().quotaShares();
  }

  /** The resources that are closed because they bring a fault of ours to light. */
  public SortedSet<ResourceRef> failing() {
    SortedSet<ResourceRef> failing = new TreeSet<>(containment.current().failing());
    failing.addAll(containment.held());
    return failing;
  }
}
