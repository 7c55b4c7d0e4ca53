package dev.longshore.operator.translate.claim;

import dev.longshore.api.v1alpha1.Policy;
import dev.longshore.operator.translate.policy.Layers;
import dev.longshore.operator.translate.policy.Source;
import dev.longshore.operator.translate.verdict.Problem;
import org.jspecify.annotations.Nullable;

/**
 * What a resource gets from its class.
 *
 * @param config name of the class's LongshoreConfig; empty without one
 * @param defaults the policy below the resource's own; null: none
 * @param fault why rules of the class can't be served: null normally
 */
public record ClassBinding(String config, @Nullable Policy defaults, @Nullable Problem fault) {
  /** A class without parameters. */
  public static final ClassBinding PLAIN = new ClassBinding("", null, null);

  /** The lowest layer of every policy. */
  public Layers layers() {
    return defaults == null
        ? Layers.NONE
        : Layers.NONE.under(
            Source.ofClass(defaults, "LongshoreConfig " + config + " spec.defaults.policy"));
  }
}
