package dev.longshore.operator.translate.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.api.v1alpha1.Policy;
import dev.longshore.contract.policy.InsecureMode;
import dev.longshore.operator.translate.verdict.Problems;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Leaves and the schema that users see say the same. */
class LeavesTest {
  static List<Leaf<?, ?>> leaves() {
    return PolicyReader.leaves();
  }

  /** A field that nobody reads would be ignored, and with it what somebody wants enforced. */
  @Test
  void everyFieldOfPoliciesIsALeaf() {
    Set<String> leaves = leaves().stream().map(Leaf::path).collect(Collectors.toSet());
    assertThat(leaves).hasSameSizeAs(leaves());
    Set<String> fields = new TreeSet<>();
    walk(Policy.class, "", leaves, fields);
    assertThat(fields).containsExactlyInAnyOrderElementsOf(leaves);
  }

  private static void walk(Class<?> type, String prefix, Set<String> leaves, Set<String> fields) {
    for (RecordComponent component : type.getRecordComponents()) {
      String path = prefix + component.getName();
      if (component.getType().isRecord() && !leaves.contains(path)) {
        walk(component.getType(), path + ".", leaves, fields);
      } else {
        fields.add(path);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("leaves")
  void aLeafIsTheFieldAtItsPath(Leaf<?, ?> leaf) throws Exception {
    assertThat(leaf.of(policy(""))).isNull();
    Object value = sample(component(leaf.path()).getType());
    assertThat(leaf.of(policy(leaf.path()))).isEqualTo(value);
    for (Leaf<?, ?> other : leaves()) {
      assertThat(other.of(policy(leaf.path())) == null).isEqualTo(other != leaf);
    }
  }

  @ParameterizedTest
  @MethodSource("leaves")
  void boundsAreThoseOfTheSchema(Leaf<?, ?> leaf) throws Exception {
    RecordComponent component = component(leaf.path());
    var field = component.getDeclaringRecord().getDeclaredField(component.getName());
    switch (leaf.form()) {
      case WholeNumber number -> {
        assertThat(field.getAnnotation(Min.class).value()).isEqualTo(number.least());
        assertThat(field.getAnnotation(Max.class).value()).isEqualTo(number.most());
      }
      case TextList<?> list ->
          assertThat(field.getAnnotation(Size.class).max()).isEqualTo(list.most());
      default -> {}
    }
  }

  @Test
  void whatHoldsByDefaultIsWhatTheContractSays() throws Exception {
    Problems problems = new Problems();
    assertThat(PolicyReader.read(Layers.NONE, null, problems))
        .isEqualTo(dev.longshore.contract.policy.Policy.DEFAULT.with(InsecureMode.REDIRECT));
    assertThat(PolicyReader.read(layer(policy("")), null, problems))
        .isEqualTo(PolicyReader.read(Layers.NONE, null, problems));
  }

  private static Layers layer(Policy policy) {
    return Layers.NONE.under(Source.of(policy, "spec.policy"));
  }

  @Test
  void annotationsAreNamedOnce() {
    List<String> names = leaves().stream().map(Leaf::annotation).filter(Objects::nonNull).toList();
    assertThat(names).doesNotHaveDuplicates();
    assertThat(PolicyAnnotations.names()).containsExactlyInAnyOrderElementsOf(names);
  }

  private static RecordComponent component(String path) {
    Class<?> type = Policy.class;
    RecordComponent found = null;
    for (String name : path.split("\\.", -1)) {
      found =
          Stream.of(type.getRecordComponents())
              .filter(component -> component.getName().equals(name))
              .findFirst()
              .orElseThrow();
      type = found.getType();
    }
    return Objects.requireNonNull(found);
  }

  /** A policy that says one thing, or nothing. */
  private static Policy policy(String path) throws Exception {
    return (Policy)
        record(Policy.class, path.isEmpty() ? List.of() : Arrays.asList(path.split("\\.", -1)));
  }

  private static Object record(Class<?> type, List<String> path) throws Exception {
    List<@Nullable Object> values = new ArrayList<>();
    RecordComponent[] components = type.getRecordComponents();
    for (RecordComponent component : components) {
      values.add(
          path.isEmpty() || !component.getName().equals(path.getFirst())
              ? null
              : path.size() == 1
                  ? sample(component.getType())
                  : record(component.getType(), path.subList(1, path.size())));
    }
    Constructor<?> constructor =
        type.getDeclaredConstructor(
            Stream.of(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
    return constructor.newInstance(values.toArray());
  }

  private static Object sample(Class<?> type) throws Exception {
    if (type == String.class) {
      return "text";
    }
    if (type == Integer.class) {
      return 7;
    }
    if (type == List.class) {
      return List.of();
    }
    return type.isEnum()
        ? Objects.requireNonNull(type.getEnumConstants())[0]
        : record(type, List.of());
  }
}
