package dev.longshore.operator.tenure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.HardLimits;
import dev.longshore.operator.source.HostTenure;
import dev.longshore.operator.source.TenureRecord;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TenureEditTest {
  private static final Instant NOW = Instant.parse("2026-11-30T13:00:00Z");

  @Test
  void isReadAsItWasWritten() {
    for (String host : new String[] {"chat.example.com", "*.example.com"}) {
      for (Instant until : new Instant[] {null, NOW.plusSeconds(600)}) {
        TenureEdit edit = new TenureEdit(Map.of());
        HostTenure tenure = new HostTenure("demo", NOW, until);
        assertThat(edit.put(host, tenure)).isTrue();
        assertThat(TenureRecord.read(TenureRecord.name(host), edit.data()))
            .isEqualTo(Map.of(host, tenure));
        assertThat(edit.data().keySet()).allMatch(key -> key.matches("[-._a-zA-Z0-9]+"));
      }
    }
    assertThat(TenureRecord.names()).hasSize(16).contains(TenureRecord.name("chat.example.com"));
  }

  @Test
  void whatCannotBeReadCountsForNothing() {
    String part = TenureRecord.name("a.example.com");
    assertThat(TenureRecord.read(part, Map.of("a.example.com", "demo since yesterday"))).isEmpty();
    assertThat(TenureRecord.read(part, Map.of("a.example.com", ""))).isEmpty();
    assertThat(
            TenureRecord.read(
                "longshore-host-claims-x", Map.of("a.example.com", "demo since " + NOW)))
        .isEmpty();
  }

  @Test
  void noNamespaceUsesUpTheRoomOfOthers() {
    TenureEdit edit = new TenureEdit(Map.of());
    int taken = 0;
    while (edit.put("h" + taken + ".example.com", new HostTenure("greedy", NOW, null))) {
      taken++;
    }
    assertThat(taken).isBetween(1000, HardLimits.HOST_RECORD_BYTES_PER_NAMESPACE / 40);
    assertThat(edit.put("chat.example.com", new HostTenure("modest", NOW, null))).isTrue();
    assertThat(edit.put("h0.example.com", null)).isTrue();
    assertThat(edit.put("h.example.com", new HostTenure("greedy", NOW, null))).isTrue();
    int bytes =
        edit.data().entrySet().stream()
            .mapToInt(e -> e.getKey().length() + e.getValue().length())
            .sum();
    assertThat(bytes).isLessThan(HardLimits.HOST_RECORD_BYTES);
  }

  @Test
  void whatIsTheSameIsNoEdit() {
    Map<String, String> present = Map.of("chat.example.com", "demo since 2026-11-30T13:00:00Z");
    TenureEdit edit = new TenureEdit(present);
    assertThat(edit.put("chat.example.com", new HostTenure("demo", NOW, null))).isTrue();
    assertThat(edit.put("other.example.com", null)).isTrue();
    assertThat(edit.isEmpty()).isTrue();
  }
}
