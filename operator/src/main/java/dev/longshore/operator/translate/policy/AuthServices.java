package dev.longshore.operator.translate.policy;

import dev.longshore.api.v1alpha1.ServiceRef;
import dev.longshore.api.v1alpha1.Upstream;
import dev.longshore.contract.PoolKey;
import dev.longshore.operator.translate.verdict.Problems;
import org.jspecify.annotations.Nullable;

/** Finds the Services of a resource's namespace that are asked whether requests may pass. */
public interface AuthServices {
  /** The namespace that they are of. */
  String namespace();

  /**
   * The pool of a Service, which the resource claims from now on.
   *
   * @param tls null: it is asked in the clear
   * @param path where it is named
   * @return null if there was a fault, which is among the problems then
   */
  @Nullable PoolKey pool(
      ServiceRef service, Upstream.@Nullable Tls tls, String path, Problems problems);
}
