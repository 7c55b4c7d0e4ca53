package dev.longshore.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.contract.policy.Header;
import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.push.Features;
import dev.longshore.contract.testing.TestPolicy;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What a policy sets headers to may be secret. */
class SecretHeadersTest {
  private static RoutingSnapshot settingHeader(Header header) {
    SnapshotBuilder builder = SnapshotBuilder.from(Samples.snapshot(2));
    Samples.snapshot(2)
        .rules()
        .forEach(
            (key, rule) -> {
              if (rule.action() instanceof RuleAction.Forward forward) {
                Policy policy = new TestPolicy().request(List.of(header)).build();
                builder.put(
                    new LocationRule(
                        key,
                        rule.source(),
                        new RuleAction.Forward(
                            forward.backends(), forward.rewrite(), builder.policy(policy))));
              }
            });
    return builder.build();
  }

  @Test
  void secretHeadersAreReadAsTheyWereAndShownNowhere() throws Exception {
    RoutingSnapshot secret = settingHeader(Header.secret("Authorization", new Secret("hush")));
    assertThat(json(secret)).contains("{\"name\":\"Authorization\",\"secret\":\"hush\"}");
    assertThat(SnapshotCodec.readSnapshot(SnapshotCodec.write(secret))).isEqualTo(secret);
    assertThat(SnapshotCodec.readSnapshot(SnapshotCodec.write(secret)).version())
        .isEqualTo(secret.version())
        .isNotEqualTo(settingHeader(Header.secret("Authorization", new Secret("hash"))).version());
    assertThat(new String(SnapshotCodec.redacted(secret), StandardCharsets.US_ASCII))
        .contains("\"secret\" : \"[redacted]\"")
        .doesNotContain("hush");
    secret.policies().forEach((id, policy) -> assertThat(policy.toString()).doesNotContain("hush"));
    secret
        .rules()
        .forEach(
            (key, rule) -> {
              if (rule.action() instanceof RuleAction.Forward) {
                assertThat(Features.neededBy(secret, rule)).contains("header-secrets");
              }
            });
    String both =
        json(secret).replace("\"secret\":\"hush\"", "\"value\":\"a\",\"secret\":\"hush\"");
    assertThatThrownBy(() -> SnapshotCodec.readSnapshot(both.getBytes(StandardCharsets.US_ASCII)))
        .isInstanceOf(SnapshotFormatException.class)
        .hasMessageContaining("exactly one of value and secret")
        .hasMessageNotContaining("hush");
    RoutingSnapshot split = settingHeader(Header.secret("X-A", new Secret("hush\r\nX-B: 1")));
    assertThat(SnapshotValidator.validate(split)).isNotEmpty();
    assertThat(SnapshotValidator.validate(split).toString())
        .contains("requestHeaders.set[0].secret")
        .doesNotContain("hush");
  }

  @Test
  void onlyASecretIsOne() {
    RoutingSnapshot plain = settingHeader(new Header("X-A", "[redacted]"));
    assertThat(SnapshotCodec.holdsSecret(settingHeader(Header.secret("X-A", new Secret("a")))))
        .isTrue();
    assertThat(SnapshotCodec.holdsSecret(Samples.snapshot(10))).as("private keys").isTrue();
    SnapshotBuilder open = SnapshotBuilder.from(RoutingSnapshot.EMPTY);
    plain
        .rules()
        .forEach(
            (key, rule) -> {
              if (rule.action() instanceof RuleAction.Forward forward) {
                open.policy(Objects.requireNonNull(plain.policies().get(forward.policy())));
                open.put(rule);
              }
            });
    assertThat(SnapshotCodec.holdsSecret(open.build())).isFalse();
  }

  private static String json(RoutingSnapshot snapshot) {
    return new String(SnapshotCodec.write(snapshot), StandardCharsets.US_ASCII);
  }
}
