package dev.longshore.operator.words;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NearestTest {
  private static Optional<String> nearest(String written, String... known) {
    return Nearest.of(written, List.of(known), word -> 2);
  }

  @Test
  void theWordWithTheFewestEditsIsMeant() {
    assertThat(nearest("tiemouts", "timeouts", "times", "retries")).hasValue("timeouts");
    assertThat(nearest("WebsocketRoute", "WebSocketRoute", "Ingress")).hasValue("WebSocketRoute");
    assertThat(nearest("spec", "metadata", "status")).isEmpty();
  }

  @Test
  void neighboursThatChangedPlacesAreOneEdit() {
    assertThat(Nearest.of("hots", List.of("host"), word -> 1)).hasValue("host");
  }

  @Test
  void ofSeveralItIsTheFirstByTheAlphabet() {
    assertThat(nearest("bat", "rat", "cat")).hasValue("cat");
  }

  @Test
  void aLongTextIsNoSlipOfThePen() {
    assertThat(nearest("x".repeat(101), "x".repeat(100))).isEmpty();
  }
}
