package dev.longshore.operator.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.HardLimits;
import dev.longshore.operator.translate.Translator;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBuilder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TrimTest {
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
    return ((Secret) Kind.SECRET.trim(secret.build(), key -> true)).getData();
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

  /** Certificates to trust, and whatever is short enough for the body of an answer. */
  @Test
  void ofAConfigMapIsHeldWhatMayBeRead() {
    ConfigMap map =
        new ConfigMapBuilder()
            .withNewMetadata()
            .withName("a")
            .withNamespace("b")
            .endMetadata()
            .addToData("ca.crt", "x".repeat(100_000))
            .addToData("sorry.html", "x".repeat(HardLimits.FIXED_ANSWER_BYTES))
            .addToData("long", "x".repeat(HardLimits.FIXED_ANSWER_BYTES + 1))
            .build();
    assertThat(((ConfigMap) Kind.CONFIG_MAP.trim(map, key -> true)).getData())
        .containsOnlyKeys("ca.crt", "sorry.html");
  }

  /** Whatever else its annotations say, and however long that is, isn't held. */
  @Test
  void ofAnIngressTheAnnotationsAreHeldThatAnybodyReads() {
    Ingress ingress =
        new IngressBuilder()
            .withNewMetadata()
            .withName("a")
            .withNamespace("b")
            .addToAnnotations("longshore.dev/unknown", "1")
            .addToAnnotations("kubernetes.io/ingress.class", "longshore")
            .addToAnnotations("nginx.ingress.kubernetes.io/rewrite-target", "/")
            .addToAnnotations("kubectl.kubernetes.io/last-applied-configuration", "{}")
            .addToAnnotations("foo.example/x", "y")
            .addToAnnotations("plain", "y")
            .endMetadata()
            .build();
    assertThat(Kind.INGRESS.trim(ingress, Translator::reads).getMetadata().getAnnotations())
        .containsOnlyKeys(
            "longshore.dev/unknown",
            "kubernetes.io/ingress.class",
            "nginx.ingress.kubernetes.io/rewrite-target");
  }
}
