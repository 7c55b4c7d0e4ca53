package dev.longshore.operator.source.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SlimTest {
  private static Map<String, String> held(String type, Map<String, Integer> lengths) {
    SecretBuilder secret =
        new SecretBuilder().withNewMetadata().withName("a").withNamespace("b").endMetadata();
    secret.withType(type);
    lengths.forEach(
        (key, length) ->
            secret.addToData(
                key,
                Base64.getEncoder()
                    .encodeToString("x".repeat(length).getBytes(StandardCharsets.US_ASCII))));
    return ((Secret) Slim.of(secret.build())).getData();
  }

  @Test
  void ofASecretIsHeldWhatMayBeRead() {
    Map<String, Integer> all =
        Map.of("ca.crt", 9000, "key", 9000, "tls.crt", 9000, "tls.key", 9000, "short", 4098);
    assertThat(held("kubernetes.io/tls", all)).containsOnlyKeys("ca.crt", "tls.crt", "tls.key");
    assertThat(held("helm.sh/release.v1", all)).containsOnlyKeys("ca.crt", "key");
    assertThat(held("kubernetes.io/service-account-token", Map.of("token", 100))).isEmpty();
    assertThat(held("Opaque", all)).containsOnlyKeys("ca.crt", "key", "short");
    assertThat(held("Opaque", Map.of("long", 4099))).isEmpty();
  }
}
