package dev.longshore.cli.migrate;

import dev.longshore.cli.check.ExpectedInCluster;
import dev.longshore.cli.check.ExpectedServices;
import dev.longshore.cli.verdict.VerdictRow;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.Translation;
import dev.longshore.operator.translate.Translator;
import dev.longshore.operator.translate.claim.TranslatorOptions;
import dev.longshore.operator.translate.foreign.ForeignAnnotations;
import dev.longshore.operator.translate.ingress.nginx.NginxAnnotations;
import dev.longshore.operator.translate.policy.PolicyAnnotations;
import dev.longshore.operator.translate.verdict.Problem;
import dev.longshore.operator.translate.verdict.Problem.Severity;
import dev.longshore.operator.translate.verdict.Reason;
import dev.longshore.operator.translate.verdict.Verdict;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBuilder;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of Ingresses of another controller when they are of Longshore's class, and nothing
 * else of them changes.
 *
 * @param moved in order
 * @param left of classes that nobody asked for
 * @param absent Services that are not among the files, and taken as there
 */
record Migration(List<Moved> moved, List<ResourceRef> left, List<String> absent) {
  private static final String CLASS_ANNOTATION = "kubernetes.io/ingress.class";
  private static final String APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

  /** A rule answers 503 for it; any other warning is of something that is missing. */
  private static final Set<String> CLOSING =
      Set.of(
          Reason.INVALID.label(),
          Reason.UNSUPPORTED_VALUE.label(),
          Reason.NOT_ALLOWED.label(),
          Reason.REF_NOT_PERMITTED.label(),
          Reason.INVALID_CERTIFICATE.label(),
          Reason.SECRET_NOT_FOUND.label(),
          Reason.SERVICE_NOT_FOUND.label(),
          Reason.PORT_NOT_FOUND.label());

  Migration {
    moved = List.copyOf(moved);
    left = List.copyOf(left);
    absent = List.copyOf(absent);
  }

  /** What becomes of a thing. */
  enum Change {
    /** It does what it did. */
    SERVED,
    /** It did nothing that is missing here. */
    NO_EFFECT,
    /** It is done, otherwise than it was. */
    CHANGED,
    /** It is missing, and the rules go on. */
    LOST,
    /** The rules concerned answer 503. */
    CLOSED
  }

  /**
   * One Ingress.
   *
   * @param ref of it
   * @param ingress of the class that it gets
   * @param hosts that it claims
   * @param findings what is to be said of it, by what becomes of it
   */
  record Moved(
      ResourceRef ref, Ingress ingress, List<String> hosts, Map<Change, List<Problem>> findings) {
    Moved {
      hosts = List.copyOf(hosts);
    }

    List<Problem> of(Change change) {
      return findings.getOrDefault(change, List.of());
    }

    /** What becomes of it as a whole. */
    Change result() {
      return !of(Change.CLOSED).isEmpty()
          ? Change.CLOSED
          : !of(Change.LOST).isEmpty()
              ? Change.LOST
              : of(Change.CHANGED).isEmpty() ? Change.SERVED : Change.CHANGED;
    }
  }

  /**
   * Finds out.
   *
   * @param classes whose Ingresses move; Longshore's own and those without any do too
   */
  static Migration of(View manifests, Set<String> classes) {
    View view = manifests;
    Map<ResourceRef, Ingress> moving = new TreeMap<>();
    List<ResourceRef> left = new ArrayList<>();
    for (Map.Entry<ResourceRef, Ingress> entry : ingresses(manifests).entrySet()) {
      String name = className(entry.getValue());
      if (name == null || name.equals(TranslatorOptions.INGRESS_CLASS) || classes.contains(name)) {
        Ingress moved = moved(entry.getValue());
        moving.put(entry.getKey(), moved);
        view = view.with(moved);
      } else {
        left.add(entry.getKey());
      }
    }
    ExpectedServices services = ExpectedServices.of(view, moving.values());
    View whole = ExpectedInCluster.of(services.view()).view();
    Translation translation =
        new Translator(TranslatorOptions.STANDALONE).translate(whole.trimmed(Translator::reads));
    List<Moved> all = new ArrayList<>();
    moving.forEach(
        (ref, ingress) -> {
          Verdict verdict = translation.verdicts().get(ref);
          all.add(
              new Moved(
                  ref,
                  ingress,
                  VerdictRow.hostList(ref, whole),
                  findings(verdict == null ? List.of() : verdict.problems())));
        });
    return new Migration(all, left, services.absent());
  }

  private static Map<ResourceRef, Ingress> ingresses(View view) {
    Map<ResourceRef, Ingress> all = new TreeMap<>();
    view.ingresses().forEach(all::put);
    return all;
  }

  private static Map<Change, List<Problem>> findings(List<Problem> problems) {
    Map<Change, List<Problem>> findings = new EnumMap<>(Change.class);
    problems.forEach(
        problem -> findings.computeIfAbsent(change(problem), c -> new ArrayList<>()).add(problem));
    return findings;
  }

  private static Change change(Problem problem) {
    String reason = problem.reason();
    if (problem.severity() == Severity.NORMAL) {
      return reason.equals(Reason.NO_EFFECT.label()) ? Change.NO_EFFECT : Change.SERVED;
    }
    return reason.equals(Reason.TRANSLATED.label())
        ? Change.CHANGED
        : CLOSING.contains(reason) ? Change.CLOSED : Change.LOST;
  }

  /** The annotation goes before the field, as with every controller. */
  private static @Nullable String className(Ingress ingress) {
    Map<String, String> annotations = ingress.getMetadata().getAnnotations();
    String legacy = annotations == null ? null : annotations.get(CLASS_ANNOTATION);
    return legacy != null || ingress.getSpec() == null
        ? legacy
        : ingress.getSpec().getIngressClassName();
  }

  private static Ingress moved(Ingress ingress) {
    IngressBuilder builder =
        new IngressBuilder(ingress)
            .editMetadata()
            .removeFromAnnotations(CLASS_ANNOTATION)
            .removeFromAnnotations(APPLIED)
            .endMetadata();
    if (ingress.getSpec() != null) {
      builder.editSpec().withIngressClassName(TranslatorOptions.INGRESS_CLASS).endSpec();
    }
    return builder.build();
  }

  /**
   * The Ingress with annotations of ours in the place of those for which there are some that say
   * exactly the same. What has none, or only nearly, stays: it is read here as well.
   */
  static Ingress rewritten(Ingress moved) {
    Map<String, String> annotations = moved.getMetadata().getAnnotations();
    if (annotations == null || annotations.isEmpty()) {
      return moved;
    }
    boolean tls =
        moved.getSpec() != null
            && moved.getSpec().getTls() != null
            && !moved.getSpec().getTls().isEmpty();
    Map<String, Map<String, String>> same =
        new ForeignAnnotations(
                annotations,
                new NginxAnnotations(annotations, ResourceRef.of(moved).namespace()),
                tls)
            .served()
            .same();
    Map<String, String> rewritten = new LinkedHashMap<>();
    annotations.forEach(
        (key, value) -> {
          Map<String, String> ours = same.get(NginxAnnotations.path(key));
          if (ours == null) {
            rewritten.putIfAbsent(key, value);
          } else {
            ours.forEach(
                (name, text) -> rewritten.putIfAbsent(PolicyAnnotations.PREFIX + name, text));
          }
        });
    // What somebody wrote for us goes before what was made of the others.
    annotations.forEach(
        (key, value) -> {
          if (key.startsWith(PolicyAnnotations.PREFIX)) {
            rewritten.put(key, value);
          }
        });
    return new IngressBuilder(moved)
        .editMetadata()
        .withAnnotations(rewritten)
        .withManagedFields()
        .withResourceVersion(null)
        .withUid(null)
        .withCreationTimestamp(null)
        .withGeneration(null)
        .endMetadata()
        .withStatus(null)
        .build();
  }
}
