package dev.longshore.operator.translate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.contract.PersistentMap;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.Containment.Level;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Who is held back when something fails, with a translator that fails at what is poisoned. */
final class ContainmentTest {
  private static final Translation DONE =
      new Translation(
          RoutingSnapshot.EMPTY,
          PersistentMap.empty(),
          PersistentMap.empty(),
          PersistentMap.empty(),
          Duration.ZERO);

  private final List<String> faults = new ArrayList<>();
  private boolean attributes = true;
  private Level harmless = Level.CLOSED;
  private int made;
  private final Containment<Fake> containment =
      new Containment<>(Fake::new, (at, cause) -> faults.add(String.valueOf(at)));

  private final class Fake implements Containment.Attempt {
    private final Containment<Fake> levels;
    private @Nullable ResourceRef working;
    private boolean broken;

    Fake(Containment<Fake> levels) {
      this.levels = levels;
      made++;
    }

    @Override
    public Translation translate(View view) {
      assertThat(broken).as("what failed is never used again").isFalse();
      view.ingresses()
          .forEach(
              (ref, ingress) -> {
                Level level = levels.level(ref);
                if (ingress.getSpec() != null && (level == null || level.compareTo(harmless) < 0)) {
                  working = attributes ? ref : null;
                  broken = true;
                  throw new StackOverflowError();
                }
              });
      return DONE;
    }

    @Override
    public @Nullable ResourceRef working() {
      return working;
    }
  }

  private static ResourceRef ref(int i) {
    return new ResourceRef(Kind.INGRESS, "demo", "i" + i);
  }

  private static Ingress ingress(int i, boolean poisoned) {
    Ingress ingress =
        new IngressBuilder()
            .withNewMetadata()
            .withNamespace("demo")
            .withName("i" + i)
            .endMetadata()
            .build();
    return poisoned ? new IngressBuilder(ingress).withNewSpec().endSpec().build() : ingress;
  }

  private static View view(Set<Integer> poisoned) {
    View view = View.EMPTY;
    for (int i = 0; i < 40; i++) {
      view = view.with(ingress(i, poisoned.contains(i)));
    }
    return view;
  }

  @Test
  void whatWasWorkedOnIsHeldBackUntilItChanges() {
    View view = view(Set.of(7, 8));
    assertThat(containment.translate(view)).isSameAs(DONE);
    assertThat(containment.held()).containsExactlyInAnyOrder(ref(7), ref(8));
    int before = made;
    view = view.with(ingress(50, false));
    containment.translate(view);
    assertThat(made).as("others' changes are translated as ever").isEqualTo(before);
    containment.translate(view.with(ingress(7, false)));
    assertThat(containment.held()).containsExactly(ref(8));
    containment.translate(view.with(ingress(7, false)).without(ref(8)));
    assertThat(containment.held()).isEmpty();
    assertThat(faults).contains("Ingress demo/i7", "Ingress demo/i8");
  }

  @Test
  void asMuchOfItAsItTakes() {
    harmless = Level.UNSEEN;
    containment.translate(view(Set.of(3)));
    assertThat(containment.level(ref(3))).isEqualTo(Level.UNSEEN);
    assertThat(containment.held()).hasSize(1);
  }

  @Test
  void whoIsToBlameIsFoundAmongWhatHasChanged() {
    attributes = false;
    harmless = Level.WITHOUT_RULES;
    containment.translate(view(Set.of()));
    containment.translate(view(Set.of(23)));
    assertThat(containment.held()).containsExactly(ref(23));
    assertThat(faults).contains("Ingress demo/i23");
  }

  @Test
  void whatHasNothingToDoWithAnyoneIsThrown() {
    attributes = false;
    harmless = Level.UNSEEN;
    View view = view(Set.of(1));
    assertThatThrownBy(() -> containment.translate(view)).isInstanceOf(StackOverflowError.class);
    assertThat(containment.held()).isEmpty();
    harmless = Level.CLOSED;
    attributes = true;
    assertThat(containment.translate(view)).isSameAs(DONE);
  }
}
