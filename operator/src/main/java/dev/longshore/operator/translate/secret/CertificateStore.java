package dev.longshore.operator.translate.secret;

import dev.longshore.contract.SharedCredentials;
import dev.longshore.contract.UpstreamCredentials;
import dev.longshore.contract.UpstreamTls.ClientCertificate;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.translate.secret.TlsSecrets.KeyPair;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Certificates that were read, each Secret and ConfigMap once for all who refer to it, and the same
 * content held once whoever has it: a thousand upstreams that trust one authority cost what one
 * does. For the translator's thread.
 */
public final class CertificateStore {
  private final Map<ResourceRef, Read<KeyPair>> pairs = new HashMap<>();
  private final Map<ResourceRef, Read<List<TrustedCertificate>>> bundles = new HashMap<>();
  private final Map<String, WeakReference<SharedCredentials>> shared = new HashMap<>();
  private Map<Parts, SharedCredentials> combinations = new HashMap<>();

  /**
   * Something of a resource, or why it can't be had.
   *
   * @param source the resource that was read: another object is another content
   */
  private record Read<T>(HasMetadata source, @Nullable T value, String problem) {}

  /** What credentials are made of. */
  private record Parts(List<String> trusted, boolean system, @Nullable KeyPair own) {}

  /**
   * The chain and key of a Secret.
   *
   * @throws IllegalArgumentException as {@link TlsSecrets#read} does
   */
  public KeyPair pair(ResourceRef ref, Secret secret) {
    return read(pairs, ref, secret, () -> TlsSecrets.read(secret));
  }

  /**
   * The certificates to trust of a Secret or ConfigMap.
   *
   * @throws IllegalArgumentException as {@link TlsSecrets#trusted} does
   */
  public List<TrustedCertificate> trusted(ResourceRef ref, HasMetadata source) {
    return read(
        bundles,
        ref,
        source,
        () ->
            switch (source) {
              case ConfigMap map -> TlsSecrets.trusted(map);
              case Secret secret -> TlsSecrets.trusted(secret);
              default -> throw new IllegalArgumentException("holds no certificates");
            });
  }

  /**
   * Credentials of these, sharing what is equal.
   *
   * @param trusted sorted and distinct, of a total that was checked; null: the system's
   * @param own what is presented; null: nothing
   */
  SharedCredentials credentials(
      @Nullable SequencedSet<TrustedCertificate> trusted, @Nullable KeyPair own) {
    List<String> pem =
        trusted == null ? List.of() : trusted.stream().map(TrustedCertificate::pem).toList();
    Parts parts = new Parts(pem, trusted == null, own);
    return combinations.computeIfAbsent(parts, this::made);
  }

  private SharedCredentials made(Parts parts) {
    KeyPair own = parts.own;
    SharedCredentials fresh =
        new SharedCredentials(
            new UpstreamCredentials(
                parts.system ? null : String.join("", parts.trusted),
                own == null ? null : new ClientCertificate(own.chain(), own.privateKey())));
    WeakReference<SharedCredentials> known = shared.get(fresh.id());
    SharedCredentials present = known == null ? null : known.get();
    if (present != null) {
      return present;
    }
    shared.put(fresh.id(), new WeakReference<>(fresh));
    return fresh;
  }

  /** Nobody refers to it any more. */
  public void forget(ResourceRef ref) {
    pairs.remove(ref);
    bundles.remove(ref);
  }

  /** Ends a translation: what nobody took up is let go. */
  public void sweep() {
    if (!combinations.isEmpty()) {
      combinations = new HashMap<>();
      shared.values().removeIf(reference -> reference.refersTo(null));
    }
  }

  private static <T> T read(
      Map<ResourceRef, Read<T>> store, ResourceRef ref, HasMetadata source, Supplier<T> reader) {
    Read<T> read = store.get(ref);
    if (read == null || read.source != source) {
      try {
        read = new Read<>(source, reader.get(), "");
      } catch (IllegalArgumentException e) {
        read = new Read<>(source, null, String.valueOf(e.getMessage()));
      }
      store.put(ref, read);
    }
    T value = read.value;
    if (value == null) {
      throw new IllegalArgumentException(read.problem);
    }
    return value;
  }
}
