package dev.longshore.operator.pki;

import dev.longshore.operator.store.OwnObjects;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys and certificates in a Secret, {@code ca-SECONDS.key} and {@code ca-SECONDS.crt} by the time
 * they were made; what data planes trust in the ConfigMap of the same name, {@code ca.crt}.
 */
final class KubernetesAuthorityStore implements AuthorityStore {
  static final String NAME = "longshore-operator-ca";
  static final String BUNDLE = "ca.crt";

  private static final Logger log = LoggerFactory.getLogger(KubernetesAuthorityStore.class);
  private static final String CERTIFICATE = ".crt";
  private static final String KEY = ".key";
  private final KubernetesClient client;
  private final String namespace;
  private final OwnObjects objects;

  KubernetesAuthorityStore(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
    this.objects = new OwnObjects(client, namespace);
  }

  @Override
  public Stored read() {
    Secret secret = client.secrets().inNamespace(namespace).withName(NAME).get();
    if (secret == null) {
      return new Stored(Authorities.NONE, "");
    }
    Map<String, String> data = secret.getData() == null ? Map.of() : secret.getData();
    List<Authority> found = new ArrayList<>();
    for (String name : data.keySet()) {
      if (name.endsWith(CERTIFICATE)) {
        String stem = name.substring(0, name.length() - CERTIFICATE.length());
        try {
          found.add(Authority.read(text(data, name), text(data, stem + KEY)));
        } catch (GeneralSecurityException e) {
          log.error("Secret {}/{}, {}: left out, for {}", namespace, NAME, stem, e.getMessage());
        }
      }
    }
    return new Stored(new Authorities(found), OwnObjects.revision(secret));
  }

  @Override
  public boolean write(Stored before, Authorities after) {
    Map<String, String> data = new TreeMap<>();
    for (Authority one : after.all()) {
      String stem = "ca-" + one.created().getEpochSecond();
      data.put(stem + CERTIFICATE, AuthorityPem.of(List.of(one.certificate())));
      data.put(stem + KEY, AuthorityPem.of(one.key()));
    }
    return objects.write(
        new SecretBuilder()
            .withNewMetadata()
            .withName(NAME)
            .endMetadata()
            .withType("Opaque")
            .withStringData(data)
            .build(),
        before.revision());
  }

  @Override
  public void publish(String bundle) {
    var resource = client.configMaps().inNamespace(namespace).withName(NAME);
    ConfigMap present = resource.get();
    if (present == null) {
      client
          .configMaps()
          .inNamespace(namespace)
          .resource(
              new ConfigMapBuilder()
                  .withNewMetadata()
                  .withName(NAME)
                  .withNamespace(namespace)
                  .withLabels(OwnObjects.LABELS)
                  .endMetadata()
                  .withData(Map.of(BUNDLE, bundle))
                  .build())
          .create();
    } else if (present.getData() == null || !bundle.equals(present.getData().get(BUNDLE))) {
      client
          .configMaps()
          .inNamespace(namespace)
          .resource(new ConfigMapBuilder(present).withData(Map.of(BUNDLE, bundle)).build())
          .update();
    }
  }

  private static String text(Map<String, String> data, String name)
      throws GeneralSecurityException {
    String encoded = data.get(name);
    if (encoded == null) {
      throw new GeneralSecurityException(name + " is not there");
    }
    try {
      return new String(Base64.getDecoder().decode(encoded), StandardCharsets.US_ASCII);
    } catch (IllegalArgumentException e) {
      throw new GeneralSecurityException(name + " is not in Base64", e);
    }
  }
}
