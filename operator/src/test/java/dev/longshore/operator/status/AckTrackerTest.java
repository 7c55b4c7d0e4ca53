package dev.longshore.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.Version;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.status.DataPlanes.Applied;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AckTrackerTest {
  private static final ResourceRef CHAT = new ResourceRef(Kind.WEB_SOCKET_ROUTE, "demo", "chat");
  private static final ResourceRef OTHER = new ResourceRef(Kind.WEB_SOCKET_ROUTE, "demo", "other");

  private final AckTracker programming = new AckTracker();
  private final Map<String, Applied> applied = new HashMap<>();

  @Test
  void programmedWhenTheLastReadyDataPlaneHasTheVersion() {
    programming.published(1, version(1), false);
    programming.judged(CHAT, "uid", 1);
    assertThat(programming.progress(CHAT)).isEqualTo(new Progress.NoDataPlane());
    assertThat(has("a", 1, 0, "a", "b")).isEmpty();
    assertThat(programming.progress(CHAT)).isEqualTo(new Progress.Pending(2, 1, List.of("b")));
    assertThat(has("b", 1, 0, "a", "b")).containsExactly(CHAT);
    assertThat(programming.progress(CHAT)).isEqualTo(new Progress.Programmed(2));
  }

  @Test
  void aLaterVersionHasItToo() {
    programming.published(1, version(1), false);
    programming.judged(CHAT, "uid", 1);
    programming.published(2, version(2), false);
    programming.judged(OTHER, "uid", 1);
    assertThat(has("a", 1, 0, "a")).containsExactly(CHAT);
    assertThat(has("a", 2, 0, "a")).containsExactly(OTHER);
  }

  @Test
  void aVersionThatComesBackIsTheNewestStep() {
    programming.published(1, version(1), false);
    programming.published(2, version(2), false);
    programming.published(3, version(1), false);
    programming.judged(CHAT, "uid", 3);
    assertThat(has("a", 1, 0, "a")).as("the same content").containsExactly(CHAT);
  }

  @Test
  void aSequenceCountsWhereTheVersionIsNotOurs() {
    programming.published(1, version(1), false);
    programming.judged(CHAT, "uid", 1);
    assertThat(has("a", 99, 0, "a")).as("somebody else's version").isEmpty();
    assertThat(has("a", 99, 4, "a")).as("endpoints were published since").containsExactly(CHAT);
  }

  @Test
  void endpointsThatAManifestListsArePartOfItsGeneration() {
    programming.published(1, version(1), false);
    programming.judged(CHAT, "uid", 1);
    assertThat(has("a", 1, 1, "a")).containsExactly(CHAT);
    programming.published(2, version(1), true);
    programming.judged(CHAT, "uid", 2);
    assertThat(has("a", 1, 1, "a")).as("the same rules, and the endpoints of before").isEmpty();
    assertThat(programming.progress(CHAT)).isInstanceOf(Progress.Pending.class);
    assertThat(has("a", 1, 2, "a")).containsExactly(CHAT);

    // With new rules as well: another replica may have sent the rules alone.
    programming.published(3, version(2), true);
    programming.judged(CHAT, "uid", 3);
    assertThat(has("a", 2, 0, "a")).isEmpty();
    assertThat(has("a", 2, 3, "a")).containsExactly(CHAT);
    programming.published(4, version(3), false);
    programming.judged(OTHER, "uid", 1);
    assertThat(has("a", 3, 0, "a")).as("rules tell again").containsExactly(OTHER);
  }

  @Test
  void staysSoForTheGenerationWhateverComesAndGoes() {
    programming.published(1, version(1), false);
    programming.judged(CHAT, "uid", 1);
    has("a", 1, 0, "a");
    assertThat(has("b", 0, 0, "a", "b")).isEmpty();
    assertThat(programming.progress(CHAT)).isEqualTo(new Progress.Programmed(2));
    assertThat(has("b", 0, 0)).isEmpty();
    assertThat(programming.progress(CHAT)).isEqualTo(new Progress.Programmed(0));

    programming.judged(CHAT, "uid", 1);
    assertThat(programming.progress(CHAT)).isInstanceOf(Progress.Programmed.class);
    programming.published(2, version(2), false);
    programming.judged(CHAT, "uid", 2);
    assertThat(programming.progress(CHAT)).isInstanceOf(Progress.NoDataPlane.class);
    programming.judged(CHAT, "created anew", 2);
    programming.adopt(CHAT, "uid", 2);
    assertThat(programming.progress(CHAT)).isInstanceOf(Progress.NoDataPlane.class);
    programming.adopt(CHAT, "created anew", 2);
    assertThat(programming.progress(CHAT)).isInstanceOf(Progress.Programmed.class);
  }

  @Test
  void whatIsRefusedIsNewsWhenItBeginsAndEnds() {
    programming.published(1, version(1), false);
    programming.judged(CHAT, "uid", 1);
    has("a", 1, 0, "a");
    DataPlanes refusing =
        new DataPlanes(Set.of("a"), applied, Map.of(CHAT, "too strange"), List.of());
    assertThat(programming.dataPlanes(refusing)).containsExactly(CHAT);
    assertThat(programming.dataPlanes(refusing)).isEmpty();
    assertThat(programming.progress(CHAT)).isEqualTo(new Progress.Rejected(1, "too strange"));
    assertThat(has("a", 1, 0, "a")).containsExactly(CHAT);
    programming.remove(CHAT);
    assertThat(programming.progress(CHAT)).isNull();
  }

  private Set<ResourceRef> has(String node, int version, long sequence, String... ready) {
    applied.put(node, new Applied(version == 0 ? null : version(version), sequence));
    return programming.dataPlanes(new DataPlanes(Set.of(ready), applied, Map.of(), List.of()));
  }

  private static Version version(int number) {
    return new Version(String.format("%064x", number));
  }
}
