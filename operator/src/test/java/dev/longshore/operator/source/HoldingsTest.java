package dev.longshore.operator.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClassBuilder;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a namespace's resources may take, and who is not held beyond it: who comes last. */
class HoldingsTest {
  private static final int KIB = 1 << 10;

  private final Holdings holdings = new Holdings(100 * KIB, 250 * KIB);

  @Test
  void whoComesLastIsNotHeldAndNobodyElseNotices() {
    assertThat(take(map("a", "first", 60))).isNull();
    assertThat(take(map("a", "second", 60)))
        .contains("with it the resources of namespace a would take more than 100 KiB")
        .contains("takes some 61 KiB");
    assertThat(take(map("a", "small", 20))).isNull();
    assertThat(take(map("b", "neighbour", 60))).isNull();
    assertThat(holdings.sum("a")).isBetween(80L * KIB, 86L * KIB);
    assertThat(holdings.fitting(10)).isEmpty();
  }

  @Test
  void aChangeCountsAsItsDifference() {
    assertThat(take(map("a", "first", 60))).isNull();
    assertThat(take(map("a", "first", 90))).isNull();
    assertThat(take(map("a", "first", 101))).isNotNull();
    // It gives back what it had, and is the next one to come.
    assertThat(holdings.sum("a")).isZero();
    assertThat(take(map("a", "other", 60))).isNull();
    assertThat(take(map("a", "first", 30))).isNull();
  }

  @Test
  void whoGoesOrShrinksMakesRoom() {
    HasMetadata first = map("a", "first", 90);
    take(first);
    take(map("a", "x", 60));
    take(map("a", "y", 30));
    take(map("a", "z", 30));
    assertThat(holdings.fitting(10)).isEmpty();
    take(map("a", "first", 50));
    assertThat(holdings.fitting(10)).extracting(ResourceRef::name).containsExactly("y");
    holdings.release(ResourceRef.of(first));
    assertThat(holdings.fitting(10)).extracting(ResourceRef::name).containsExactly("x", "y");
    assertThat(holdings.fitting(1)).extracting(ResourceRef::name).containsExactly("x");
    for (String name : new String[] {"x", "y", "z"}) {
      holdings.release(new ResourceRef(Kind.CONFIG_MAP, "a", name));
    }
    assertThat(holdings.fitting(10)).isEmpty();
  }

  /** Whoever was first, and in whatever order a restart lists them. */
  @Test
  void whoTakesMostGivesForWhoTakesLess() {
    for (int i = 0; i < 3; i++) {
      take(map("greedy", "g" + i, 30));
      take(map("greedier", "g" + i, 31));
    }
    assertThat(take(map("small", "a", 40))).isNull();
    Holdings.Taken taken = taken(map("small", "b", 40));
    assertThat(taken.refused()).isNull();
    assertThat(taken.gone().keySet())
        .extracting(ref -> ref.namespace() + "/" + ref.name())
        .containsExactly("greedier/g2");
    assertThat(taken.gone().values())
        .allMatch(
            why -> why.contains("of which this is the largest, would take more than 250 KiB"));
    assertThat(holdings.sum("small")).isGreaterThan(80 * KIB);
    // They can't take it back, nor can another large one take from those that have no more.
    assertThat(taken(map("greedier", "g2", 31)))
        .satisfies(again -> assertThat(again.gone()).isEmpty())
        .satisfies(again -> assertThat(again.refused()).contains("of which this is a large one"));
    assertThat(taken(map("late", "x", 95)))
        .satisfies(large -> assertThat(large.gone()).isEmpty())
        .satisfies(large -> assertThat(large.refused()).isNotNull());
    assertThat(holdings.shares())
        .extracting(Holdings.Share::namespace, Holdings.Share::unheld)
        .containsExactly(
            tuple("greedy", 0), tuple("small", 0), tuple("greedier", 1), tuple("late", 1));
    assertThat(holdings.fitting(10)).isEmpty();
    holdings.release(new ResourceRef(Kind.CONFIG_MAP, "small", "a"));
    assertThat(holdings.fitting(10)).extracting(ResourceRef::name).containsExactly("g2");
  }

  /** Whatever becomes of others, one that has its even share can change. */
  @Test
  void manyGreedyOnesLeaveAnEvenShare() {
    for (int n = 0; n < 20; n++) {
      for (int i = 0; i < 30; i++) {
        take(map("greedy" + n, "g" + i, 3));
      }
    }
    assertThat(take(map("small", "a", 5))).isNull();
    assertThat(take(map("small", "a", 10))).isNull();
    long all = 0;
    for (int n = 0; n < 20; n++) {
      all += holdings.sum("greedy" + n);
    }
    assertThat(all + holdings.sum("small")).isBetween(230L * KIB, 250L * KIB);
    assertThat(holdings.sum("small")).isGreaterThan(10 * KIB);
  }

  @Test
  void whatHasNoNamespaceIsAnAdministrators() {
    HasMetadata huge =
        new IngressClassBuilder()
            .withNewMetadata()
            .withName("longshore")
            .addToAnnotations("x", "x".repeat(200 * KIB))
            .endMetadata()
            .build();
    assertThat(take(huge)).isNull();
  }

  @Test
  void endpointsWeighByTheirNumber() {
    long one = Weight.of(slice(1));
    long thousand = Weight.of(slice(1000));
    assertThat(thousand - one).isBetween(999 * 128L, 999 * 512L);
  }

  @Test
  void textBeyondLatin1WeighsTwice() {
    long latin = Weight.of(new ConfigMapBuilder().withData(Map.of("k", "ä".repeat(KIB))).build());
    long other = Weight.of(new ConfigMapBuilder().withData(Map.of("k", "ж".repeat(KIB))).build());
    assertThat(other - latin).isEqualTo(KIB);
  }

  private @Nullable String take(HasMetadata resource) {
    return taken(resource).refused();
  }

  private Holdings.Taken taken(HasMetadata resource) {
    return holdings.take(ResourceRef.of(resource), resource);
  }

  private static EndpointSlice slice(int endpoints) {
    EndpointSliceBuilder slice =
        new EndpointSliceBuilder().withNewMetadata().withName("s").withNamespace("a").endMetadata();
    for (int i = 0; i < endpoints; i++) {
      slice
          .addNewEndpoint()
          .withAddresses("10.0.%d.%d".formatted(i / 250, i % 250))
          .withNewConditions()
          .withReady(true)
          .endConditions()
          .endEndpoint();
    }
    return slice.build();
  }

  private static ConfigMap map(String namespace, String name, int kib) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(namespace)
        .endMetadata()
        .withData(Map.of("ca.crt", "x".repeat(kib * KIB)))
        .build();
  }
}
