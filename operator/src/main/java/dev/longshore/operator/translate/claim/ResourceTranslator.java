package dev.longshore.operator.translate.claim;

import dev.longshore.operator.source.Kind;
import dev.longshore.operator.translate.claim.Quota.Use;
import io.fabric8.kubernetes.api.model.HasMetadata;

/**
 * What the resources of one kind with rules mean. Everything that the translator has to know of
 * such a kind is here, and what it does with claims is the same for all.
 *
 * @param <R> the resources
 */
public interface ResourceTranslator<R extends HasMetadata> {
  /** The kind. */
  Kind kind();

  /** Which class the resource names, and where. */
  ClassName className(R resource);

  /**
   * The claims of a resource; what is wrong with the manifest is in them.
   *
   * @param context whose references remember what was looked for, even if this throws
   */
  Claims read(R resource, Context context);

  /**
   * A copy that says where the rules are, and nothing of what they do: what is read when reading
   * the whole fails, so that closed rules keep their places.
   */
  R placesOnly(R resource);

  /**
   * What a resource that is not read yet takes of its namespace's quota, in time proportional to
   * its manifest: how many rules there are, a host that has TLS alone counted as one, and what of
   * their texts each host repeats.
   */
  Use atLeast(R resource);

  /**
   * What a resource is read with.
   *
   * @param claimant the resource, as one of those that want hosts
   * @param binding what it gets from its class
   * @param references follows its references
   * @param options of the translator
   */
  record Context(
      Claimant claimant, ClassBinding binding, References references, TranslatorOptions options) {}
}
