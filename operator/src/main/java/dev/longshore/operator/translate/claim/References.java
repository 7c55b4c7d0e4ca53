package dev.longshore.operator.translate.claim;

import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.policy.SecretLookup;
import dev.longshore.operator.translate.secret.CertificateStore;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Follows the references of one resource, always within its own namespace (but for what is the
 * operator's), and remembers what was asked for: whether it is there or not, a change of it
 * concerns the resource.
 */
public final class References implements SecretLookup {
  private final View view;
  private final String namespace;
  private final Instant now;
  private final CertificateStore certificates;
  private final Set<ResourceRef> asked = new HashSet<>();

  public References(View view, String namespace, Instant now, CertificateStore certificates) {
    this.view = view;
    this.namespace = namespace;
    this.now = now;
    this.certificates = certificates;
  }

  /** The time, by which certificates have expired or not. */
  public Instant now() {
    return now;
  }

  /** The namespace whose objects alone are found. */
  public String namespace() {
    return namespace;
  }

  /** The Service of this name, if there is one; it is noted that it was looked for. */
  public @Nullable Service service(String name) {
    return view.services().get(ask(Kind.SERVICE, name));
  }

  @Override
  public @Nullable Secret secret(String name) {
    return view.secrets().get(ask(Kind.SECRET, name));
  }

  /** A Secret that is the operator's own, and no manifest can name. */
  public @Nullable Secret own(ResourceRef secret) {
    asked.add(secret);
    return view.secrets().get(secret);
  }

  @Override
  public @Nullable ConfigMap configMap(String name) {
    return view.configMaps().get(ask(Kind.CONFIG_MAP, name));
  }

  /** What is said of something that was asked for and isn't there. */
  public String missing(Kind kind, String name) {
    String why = view.unheld().get(new ResourceRef(kind, namespace, name));
    String shown = kind + " " + namespace + "/" + name;
    return why == null ? "there is no " + shown : shown + " is not read: it " + why;
  }

  @Override
  public String missingSecret(String name) {
    return missing(Kind.SECRET, name);
  }

  @Override
  public String missingConfigMap(String name) {
    return missing(Kind.CONFIG_MAP, name);
  }

  /** What was read of certificates. */
  public CertificateStore certificates() {
    return certificates;
  }

  @Override
  public String shownSecret(String name) {
    return "Secret " + namespace + "/" + name;
  }

  /** Everything that was asked for. */
  public Set<ResourceRef> asked() {
    return Set.copyOf(asked);
  }

  private ResourceRef ask(Kind kind, String name) {
    ResourceRef ref = new ResourceRef(kind, namespace, name);
    asked.add(ref);
    return ref;
  }
}
