package dev.longshore.operator.translate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.SnapshotValidator;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.claim.TranslatorOptions;
import dev.longshore.operator.translate.verdict.ConditionType;
import dev.longshore.operator.translate.verdict.Verdict;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a translator makes of a view doesn't depend on the views before. */
class IncrementalTest {
  private static final int STEPS = 400;

  static Stream<Arguments> runs() {
    return Stream.of(TranslatorOptions.STANDALONE, TranslatorOptions.CLUSTER)
        .flatMap(options -> Stream.of(1L, 2L, 3L).map(seed -> Arguments.of(options, seed)));
  }

  /** Every resource of every golden file, in any order, put in place of its namesakes. */
  @ParameterizedTest
  @MethodSource("runs")
  void anyWayToAViewMeansTheSame(TranslatorOptions options, long seed) {
    List<HasMetadata> pool = new ArrayList<>();
    GoldenFiles.cases().forEach(name -> pool.addAll(Manifests.read(GoldenFiles.in(name))));
    Random random = new Random(seed);
    Translator translator = new Translator(options);
    List<ResourceRef> present = new ArrayList<>();
    View view = View.EMPTY;
    for (int step = 0; step < STEPS; step++) {
      for (int edits = random.nextInt(1, 4); edits > 0; edits--) {
        if (random.nextInt(3) == 0 && !present.isEmpty()) {
          view = view.without(present.remove(random.nextInt(present.size())));
        } else {
          HasMetadata resource = pool.get(random.nextInt(pool.size()));
          present.remove(ResourceRef.of(resource));
          present.add(ResourceRef.of(resource));
          view = view.with(resource);
        }
      }
      Translation incremental = translator.translate(view);
      Translation fresh = new Translator(options).translate(view);
      assertThat(incremental.snapshot())
          .as("snapshot at step %d", step)
          .isEqualTo(fresh.snapshot());
      assertThat(incremental.verdicts())
          .as("verdicts at step %d", step)
          .isEqualTo(fresh.verdicts());
      assertThat(SnapshotValidator.validate(incremental.snapshot())).isEmpty();
    }
    for (ResourceRef ref : present) {
      view = view.without(ref);
    }
    Translation nothing = translator.translate(view);
    RoutingSnapshot empty = new Translator(options).translate(View.EMPTY).snapshot();
    assertThat(nothing.snapshot()).isEqualTo(empty);
    assertThat(empty.rules().size() + empty.pools().size() + empty.endpointSets().size()).isZero();
    assertThat(nothing.verdicts().size()).isZero();
  }

  @Test
  void aResyncChangesNothing() {
    View view = Manifests.view(GoldenFiles.in("route-split-match-and-rewrite"));
    Translator translator = new Translator(TranslatorOptions.STANDALONE);
    Translation before = translator.translate(view);
    View again = view;
    for (HasMetadata resource : Manifests.read(GoldenFiles.in("route-split-match-and-rewrite"))) {
      resource.getMetadata().setResourceVersion("42");
      again = again.with(resource);
    }
    assertThat(again).isSameAs(view);
    Translation after =
        translator.translate(Manifests.view(GoldenFiles.in("route-split-match-and-rewrite")));
    assertThat(after.snapshot().rules()).isSameAs(before.snapshot().rules());
    assertThat(after.verdicts()).isSameAs(before.verdicts());
  }

  @Test
  void endpointSlicesTouchEndpointSetsAlone() {
    View view = Manifests.view(GoldenFiles.in("endpoints-none-ready"));
    HasMetadata slice =
        Manifests.read(GoldenFiles.in("route-service-by-number")).stream()
            .filter(resource -> Kind.of(resource).equals(Optional.of(Kind.ENDPOINT_SLICE)))
            .findFirst()
            .orElseThrow();
    Translator translator = new Translator(TranslatorOptions.STANDALONE);
    Translation before = translator.translate(view);
    Translation after = translator.translate(view.with(slice));
    assertThat(after.snapshot().rules()).isSameAs(before.snapshot().rules());
    assertThat(after.snapshot().pools()).isSameAs(before.snapshot().pools());
    assertThat(after.snapshot().version()).isEqualTo(before.snapshot().version());
    assertThat(after.snapshot().endpointsVersion())
        .isNotEqualTo(before.snapshot().endpointsVersion());
    ResourceRef route = new ResourceRef(Kind.WEB_SOCKET_ROUTE, "demo", "chat");
    assertThat(ready(before, route)).isFalse();
    assertThat(ready(after, route)).isTrue();
  }

  private static boolean ready(Translation translation, ResourceRef ref) {
    Verdict verdict = Objects.requireNonNull(translation.verdicts().get(ref));
    return verdict.condition(ConditionType.ENDPOINTS_READY).orElseThrow().status();
  }
}
