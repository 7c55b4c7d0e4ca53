package dev.longshore.operator.translate.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TlsSecretsTest {

  @ParameterizedTest
  @CsvSource({"ec, ec", "ec, ec-sec1", "rsa, rsa", "rsa, rsa-pkcs1", "ed25519, ed25519"})
  void readsEveryKindOfKeyAndWritesPkcs8(String certificate, String key) {
    TlsSecrets.KeyPair pair = TlsSecrets.read(secret(certificate, key));
    assertThat(pair.names()).containsExactly("chat.example.com");
    assertThat(pair.chain()).startsWith("-----BEGIN CERTIFICATE-----\n");
    assertThat(pair.privateKey().reveal()).startsWith("-----BEGIN PRIVATE KEY-----\n");
    assertThat(pair.toString()).doesNotContain("BEGIN PRIVATE KEY");
  }

  @Test
  void oldStyleAndNewStyleOfAKeyAreTheSame() {
    assertThat(TlsSecrets.read(secret("rsa", "rsa-pkcs1")).privateKey())
        .isEqualTo(TlsSecrets.read(secret("rsa", "rsa")).privateKey());
  }

  @ParameterizedTest
  @CsvSource({"ec, rsa", "rsa, ec-sec1", "ed25519, ec"})
  void refusesTheKeyOfAnother(String certificate, String key) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TlsSecrets.read(secret(certificate, key)))
        .withMessageContaining("tls.key")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("MII"));
  }

  @Test
  void refusesGarbage() {
    Secret secret = secret("ec", "ec");
    secret.getStringData().put("tls.crt", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TlsSecrets.read(secret))
        .withMessageContaining("tls.crt");
  }

  private static Secret secret(String certificate, String key) {
    return new SecretBuilder()
        .withType(TlsSecrets.TYPE)
        .addToStringData("tls.crt", file(certificate + ".crt"))
        .addToStringData("tls.key", file(key + ".key"))
        .build();
  }

  private static String file(String name) {
    try {
      return Files.readString(Path.of("src/test/resources/tls").resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
