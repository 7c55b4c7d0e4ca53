package dev.longshore.operator.source;

import static org.assertj.core.api.Assertions.assertThat;

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
    return holdings.take(ResourceRef.of(resource), resource).refused();
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
