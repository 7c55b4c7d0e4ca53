package dev.longshore.operator.translate.claim;

import dev.longshore.operator.translate.secret.AffinityKey;
import java.util.Set;

/**
 * What the translator is told from outside the manifests.
 *
 * @param controller serves the IngressClasses whose {@code spec.controller} this is
 * @param ingressClasses serves only these of them; empty: all
 * @param staticEndpoints whether upstreams may list {@code endpoints}
 * @param externalNames whether Services of type ExternalName may be upstreams; their endpoints come
 *     from EndpointSlices like everybody's, which the source makes by resolving the name
 * @param standalone manifests come from a folder of one user: loopback endpoints and catch-all
 *     hosts are allowed, the folder's LongshoreConfig holds without an IngressClass that names it,
 *     and without an IngressClass of ours {@code longshore} is the default class
 */
public record TranslatorOptions(
    String controller,
    Set<String> ingressClasses,
    boolean staticEndpoints,
    boolean externalNames,
    boolean standalone,
    AffinityKey affinityKey) {
  /** The controller that our IngressClasses name. */
  public static final String CONTROLLER = "longshore.dev/ingress-controller";

  /** The name of our IngressClass. */
  public static final String INGRESS_CLASS = "longshore";

  /** For a folder of manifests; affinity cookies live as long as this process. */
  public static final TranslatorOptions STANDALONE =
      new TranslatorOptions(CONTROLLER, Set.of(), true, false, true, AffinityKey.Given.random());

  /** For a cluster, with the operator in the namespace {@code longshore-system}. */
  public static final TranslatorOptions CLUSTER =
      new TranslatorOptions(
          CONTROLLER, Set.of(), false, false, false, new AffinityKey.InCluster("longshore-system"));

  public TranslatorOptions {
    ingressClasses = Set.copyOf(ingressClasses);
  }
}
