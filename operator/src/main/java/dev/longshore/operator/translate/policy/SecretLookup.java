package dev.longshore.operator.translate.policy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Secret;
import org.jspecify.annotations.Nullable;

/** Finds Secrets and ConfigMaps of the namespace of the resource whose policy is read. */
public interface SecretLookup {
  /** The Secret; null: there is none. */
  @Nullable Secret secret(String name);

  /** The ConfigMap; null: there is none. */
  @Nullable ConfigMap configMap(String name);

  /** What is said of one that isn't there. */
  String missingConfigMap(String name);

  /** A Secret as problems call it. */
  String shownSecret(String name);

  /** What is said of one that isn't there. */
  String missingSecret(String name);
}
