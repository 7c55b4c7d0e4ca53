package dev.longshore.contract.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.contract.InternedPolicy;
import dev.longshore.contract.SnapshotFormatException;
import dev.longshore.contract.StrictJson;
import dev.longshore.contract.testing.TestPolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PolicyTest {
  private static final String ID = "cf2bb0923817581007d2bb99a9e64d9a";

  /** As the version wrote them before which policies were no sets of parts, each behind its id. */
  static List<String> published() throws IOException {
    return Files.readAllLines(Path.of("src/test/resources/golden/policies-0.1.txt"));
  }

  @ParameterizedTest
  @MethodSource("published")
  void whatWasPublishedIsReadAndWrittenAsItWas(String line) throws Exception {
    String id = line.substring(0, ID.length());
    String json = interned(id, line.substring(ID.length() + 1));
    InternedPolicy read = read(json);
    assertThat(new String(StrictJson.write(read), StandardCharsets.US_ASCII)).isEqualTo(json);
  }

  @Test
  void aPartAtItsDefaultIsAbsent() {
    Policy spelledOut = Policy.of(PartType.all().stream().map(PartType::standard).toList());
    assertThat(spelledOut).isEqualTo(Policy.DEFAULT).hasSameHashCodeAs(Policy.DEFAULT);
    assertThat(spelledOut.parts()).isEmpty();
    assertThat(spelledOut.features()).isEmpty();
    for (PartType<?> type : PartType.all()) {
      assertThat(type.standard().isDefault()).isTrue();
      assertThat(Policy.DEFAULT.has(type.type())).isFalse();
      PolicyPart held = Policy.DEFAULT.get(type.type());
      assertThat(held).isEqualTo(type.standard());
    }
  }

  @Test
  void partsComeAndGo() {
    Policy denying = Policy.DEFAULT.with(UpgradeMode.DENY);
    Policy both = denying.with(new Retries(5));
    assertThat(both.parts()).containsExactly(UpgradeMode.DENY, new Retries(5));
    assertThat(both.with(UpgradeMode.REQUIRE).get(UpgradeMode.class))
        .isEqualTo(UpgradeMode.REQUIRE);
    assertThat(both.with(Retries.DEFAULT)).isEqualTo(denying);
    assertThat(both.without(Retries.class)).isEqualTo(denying);
    assertThat(both.without(Limits.class)).isSameAs(both);
    assertThat(both.with(UpgradeMode.DENY)).isSameAs(both);
    assertThat(Policy.of(List.of(new Retries(5), UpgradeMode.DENY))).isEqualTo(both);
    assertThatThrownBy(() -> Policy.of(List.of(UpgradeMode.DENY, UpgradeMode.REQUIRE)))
        .isInstanceOf(IllegalStateException.class);
  }

  /** An interface of records can't say that each of them is in the list. */
  @Test
  void everyKindOfPartIsTold() {
    assertThat(PartType.all())
        .<Class<?>>extracting(PartType::type)
        .containsExactlyInAnyOrder(PolicyPart.class.getPermittedSubclasses());
    assertThat(PartType.all()).extracting(PartType::name).doesNotHaveDuplicates();
  }

  @Test
  void aPolicyNeedsWhatItsPartsNeed() {
    assertThat(new TestPolicy().ping(Duration.ofSeconds(1), Duration.ofSeconds(1), BOTH).build())
        .extracting(Policy::features)
        .isEqualTo(new TreeSet<>(List.of("pings")));
  }

  private static final Ping.Towards BOTH = Ping.Towards.BOTH;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"retries\":2            | \"retries\":\"2\"    | policy.retries",
        "\"retries\":2            | \"retries\":null     | policy.retries",
        "\"retries\":2            | \"retries\":2.5      | policy.retries",
        "\"retries\":2,           | ``                   | policy",
        "\"retries\":2            | \"retries\":2,\"retries\":2 | policy",
        "\"retries\":2            | \"retries\":2,\"jwt\":{} | policy.jwt",
        "\"origins\":[]           | \"origins\":[null]   | policy.origins[0]",
        "\"upgrade\":\"ALLOW\"    | \"upgrade\":\"allow\" | policy.upgrade",
        "\"upgrade\":\"ALLOW\"    | \"upgrade\":0        | policy.upgrade",
        "\"closeCode\":1012       | \"closeCode\":1012,\"x\":1 | policy.closing.x",
        "\"connect\":\"5s\"       | \"connect\":\"5\"    | policy.timeouts.connect",
        "{\"upgrade\"             | [{\"upgrade\"        | policy",
      })
  void whatIsNotExactlyAPolicyIsRefused(String right, String wrong, String path) throws Exception {
    String line = published().getFirst();
    String json = interned(ID, line.substring(ID.length() + 1));
    assertThat(json).contains(right);
    assertThatThrownBy(() -> read(json.replace(right, wrong)))
        .isInstanceOf(SnapshotFormatException.class)
        .message()
        .startsWith(path);
  }

  /** A peer may write them, though none does. */
  @Test
  void whatMayBeAbsentMayBeNull() throws Exception {
    String line = published().getFirst();
    String json = interned(ID, line.substring(ID.length() + 1));
    assertThat(read(json.replace("}}}", "},\"limits\":null}}")).policy()).isEqualTo(Policy.DEFAULT);
  }

  private static String interned(String id, String policy) {
    return "{\"id\":\"" + id + "\",\"policy\":" + policy + "}";
  }

  private static InternedPolicy read(String json) throws SnapshotFormatException {
    return StrictJson.read(json.getBytes(StandardCharsets.US_ASCII), InternedPolicy.class);
  }
}
