package dev.longshore.operator.tenure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.PersistentMap;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.operator.source.HostTenure;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.OwnAddresses;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.Translation;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The record goes on as its rule says. */
class LocalTenuresTest {
  private static final String HOST = "chat.example.com";
  private static final Instant START = Instant.parse("2026-11-30T13:00:00Z");

  private Instant now = START;
  private Duration grace = Duration.ofMinutes(10);

  /** Namespaces that claim the host, in the order in which they would get it. */
  private String[] claimants = {};

  private @Nullable String owner;

  private final LocalTenures tenures =
      new LocalTenures(
          this::translate, OwnAddresses.NONE, ((InstantSource) () -> now).withZone(ZoneOffset.UTC));

  private Translation translate(View view) {
    HostTenure recorded = view.surroundings().tenures().get(HOST);
    PersistentMap<String, ResourceRef> holders = PersistentMap.empty();
    owner = recorded != null ? recorded.namespace() : claimants.length > 0 ? claimants[0] : null;
    for (String claimant : claimants) {
      if (claimant.equals(owner)) {
        holders = holders.with(HOST, new ResourceRef(Kind.WEB_SOCKET_ROUTE, claimant, "chat"));
      }
    }
    return new Translation(
        RoutingSnapshot.EMPTY, PersistentMap.empty(), PersistentMap.empty(), holders, grace);
  }

  private @Nullable String ownerWith(String... claiming) {
    claimants = claiming;
    Translation unused = tenures.translate(View.EMPTY);
    return owner;
  }

  @Test
  void whoHasItKeepsItAndForAWhileBeyond() {
    assertThat(ownerWith("b")).isEqualTo("b");
    assertThat(ownerWith("a", "b")).isEqualTo("b");
    assertThat(tenures.nextEnd()).isNull();
    assertThat(ownerWith("a")).isEqualTo("b");
    assertThat(tenures.nextEnd()).isEqualTo(START.plus(grace));
    now = START.plusSeconds(599);
    assertThat(ownerWith("a")).isEqualTo("b");
    assertThat(ownerWith("a", "b")).as("deployed anew").isEqualTo("b");
    assertThat(tenures.nextEnd()).isNull();
    assertThat(ownerWith("a")).isEqualTo("b");
    now = now.plusSeconds(600);
    assertThat(ownerWith("a")).as("in one go").isEqualTo("a");
    assertThat(ownerWith("b", "a")).isEqualTo("a");
  }

  @Test
  void withoutGraceItGoesToWhoWaitsAtOnce() {
    grace = Duration.ZERO;
    assertThat(ownerWith("b")).isEqualTo("b");
    assertThat(ownerWith("a", "b")).isEqualTo("b");
    assertThat(ownerWith("a")).isEqualTo("a");
    assertThat(ownerWith("b", "a")).isEqualTo("a");
  }

  @Test
  void aShorterSettingCountsAtOnce() {
    assertThat(ownerWith("b")).isEqualTo("b");
    assertThat(ownerWith("a")).isEqualTo("b");
    grace = Duration.ofSeconds(1);
    assertThat(ownerWith("a")).isEqualTo("b");
    assertThat(tenures.nextEnd()).isEqualTo(START.plusSeconds(1));
  }
}
