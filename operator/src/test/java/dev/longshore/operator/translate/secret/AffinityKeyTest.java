package dev.longshore.operator.translate.secret;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.PoolKey;
import dev.longshore.contract.Secret;
import dev.longshore.contract.UpstreamPool;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.GoldenFiles;
import dev.longshore.operator.translate.Manifests;
import dev.longshore.operator.translate.Translation;
import dev.longshore.operator.translate.Translator;
import dev.longshore.operator.translate.claim.TranslatorOptions;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The keys of affinity cookies, and what a change of the Secret does to them. */
class AffinityKeyTest {
  private static final String ZEROS = "00".repeat(AffinityKey.BYTES);

  /** As {@code openssl dgst -sha256 -mac hmac} says. */
  @Test
  void isTheHmacOfThePoolsName() {
    Secret key =
        AffinityKey.derive(
            new Secret(ZEROS), new PoolKey("WebSocketRoute", "demo", "chat", "sticky"));
    assertThat(key.reveal())
        .isEqualTo("e91da12d88ff6d826d0eff510765a7ed7f9a9ad5f513f07a2a59dd0ca8bdba7b");
  }

  @Test
  void everyProcessHasAnother() {
    assertThat(AffinityKey.Given.random()).isNotEqualTo(AffinityKey.Given.random());
    assertThat(AffinityKey.Given.random().toString()).isEqualTo("Given[hex=[redacted]]");
  }

  @Test
  void keysFollowTheSecretAndPoolsGoWithIt() {
    View without = Manifests.view(GoldenFiles.in("affinity-key-missing-in-cluster"));
    Translator translator = new Translator(TranslatorOptions.CLUSTER);
    Translation missing = translator.translate(without);
    assertThat(key(missing)).isNull();
    assertThat(missing.references().get(new AffinityKey.InCluster("longshore-system").secret()))
        .isNotNull();

    View first = without.with(secret(1));
    Secret one = key(translator.translate(first));
    Secret other = key(translator.translate(first.with(secret(2))));
    assertThat(one).isNotNull().isNotEqualTo(other);
    assertThat(other).isNotNull();
    // Another replica, which has seen nothing before.
    assertThat(key(new Translator(TranslatorOptions.CLUSTER).translate(first))).isEqualTo(one);

    Translation gone = translator.translate(without);
    assertThat(key(gone)).isNull();
    assertThat(gone.snapshot().version()).isEqualTo(missing.snapshot().version());
  }

  private static @Nullable Secret key(Translation translation) {
    UpstreamPool pool =
        translation
            .snapshot()
            .pools()
            .get(new PoolKey(Kind.WEB_SOCKET_ROUTE.label(), "demo", "chat", "sticky"));
    return pool == null ? null : Objects.requireNonNull(pool.affinity()).key();
  }

  private static io.fabric8.kubernetes.api.model.Secret secret(int content) {
    byte[] bytes = new byte[AffinityKey.BYTES];
    bytes[0] = (byte) content;
    return new SecretBuilder()
        .withNewMetadata()
        .withName(AffinityKey.NAME)
        .withNamespace("longshore-system")
        .endMetadata()
        .withData(Map.of(AffinityKey.ENTRY, Base64.getEncoder().encodeToString(bytes)))
        .build();
  }
}
