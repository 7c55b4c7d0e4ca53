package dev.longshore.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.RuleAction.Unavailable;
import dev.longshore.contract.UpstreamTls.ClientCertificate;
import dev.longshore.contract.ValueMatch.Type;
import dev.longshore.contract.policy.Header;
import dev.longshore.contract.policy.HeaderEdits;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What may be a credential is in no text that is shown, whatever it is a part of. */
class RedactionTest {
  private static final String PLANTED = "pl4nted";
  private static final Secret SECRET = new Secret(PLANTED);

  private final RuleKey key =
      new RuleKey(
          "h",
          PathType.PREFIX,
          "/",
          new Matches(
              List.of(new ValueMatch("x-token", Type.EXACT, PLANTED)),
              List.of(new ValueMatch("access_token", Type.REGEX, PLANTED + ".*"))));
  private final LocationRule rule =
      new LocationRule(
          key,
          new RuleSource("WebSocketRoute", "demo", "chat", 0, "l0", 0),
          new Unavailable("Invalid", "test"));

  @Test
  void ofNoRecordTheTextHasIt() {
    List<Object> all =
        List.of(
            SECRET,
            new Header("authorization", PLANTED),
            new HeaderEdits(List.of(new Header("authorization", PLANTED)), List.of()),
            new ValueMatch("x-token", Type.EXACT, PLANTED),
            key,
            rule,
            new EntryRef.Rule(key),
            new EntryRef.Rule(key).path(),
            new SnapshotError(
                new EntryRef.Rule(key), new EntryRef.Rule(key).path() + ".action", "is wrong"),
            new ClientCertificate("chain", SECRET),
            new UpstreamCredentials(null, new ClientCertificate("chain", SECRET)),
            new SharedCredentials(
                new UpstreamCredentials(null, new ClientCertificate("chain", SECRET))),
            new Certificate(
                new Certificate.CertificateKey("demo", "tls"), List.of("h"), "chain", SECRET),
            new SnapshotMessageText(rule));
    assertThat(all).allSatisfy(each -> assertThat(each.toString()).doesNotContain(PLANTED));
  }

  /** As records print what they hold. */
  private record SnapshotMessageText(LocationRule rule) {}

  @Test
  void theConfigurationPageDoesNotHaveIt() {
    RoutingSnapshot snapshot = SnapshotBuilder.from(RoutingSnapshot.EMPTY).put(rule).build();
    assertThat(snapshot.toString()).doesNotContain(PLANTED);
    String shown = new String(SnapshotCodec.redacted(snapshot), UTF_8);
    assertThat(shown).contains("x-token", "access_token").doesNotContain(PLANTED);
  }
}
