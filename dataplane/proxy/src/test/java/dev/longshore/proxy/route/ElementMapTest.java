package dev.longshore.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ElementMapTest {

  @Test
  void isAMap() {
    SplittableRandom random = new SplittableRandom(7);
    ElementMap<String> map = ElementMap.empty();
    Map<String, String> model = new HashMap<>();
    for (int i = 0; i < 20_000; i++) {
      String element = element(random);
      boolean growing = i / 4_000 % 2 == 0;
      if (random.nextInt(4) < (growing ? 3 : 1)) {
        map = map.with(element, "v" + i);
        model.put(element, "v" + i);
      } else {
        map = map.without(element);
        model.remove(element);
      }
      String asked = element(random);
      assertThat(map.get("/x/" + asked + "/y", 3, 3 + asked.length())).isEqualTo(model.get(asked));
      assertThat(map.isEmpty()).isEqualTo(model.isEmpty());
    }
    Set<String> values = new HashSet<>();
    map.forEach(values::add);
    assertThat(values).isEqualTo(new HashSet<>(model.values()));
    for (String element : model.keySet()) {
      map = map.without(element);
    }
    assertThat(map.isEmpty()).isTrue();
  }

  @Test
  void elementsOfOneHashAreKeptApart() {
    ElementMap<Integer> map = ElementMap.empty();
    for (String element : new String[] {"AaAa", "BBBB", "AaBB", "BBAa"}) {
      map = map.with(element, element.indexOf('B'));
    }
    ElementMap<Integer> less = map.without("BBBB");
    assertThat(map.get("/BBBB", 1, 5)).isZero();
    assertThat(less.get("/BBBB", 1, 5)).isNull();
    assertThat(less.get("/AaBB", 1, 5)).isEqualTo(2);
    assertThat(less.get("/AaBB", 1, 4)).isNull();
  }

  /** Of few letters, some of which make equal hashes. */
  private static String element(SplittableRandom random) {
    StringBuilder element = new StringBuilder();
    for (int length = random.nextInt(6); length > 0; length--) {
      element.append(random.nextBoolean() ? "Aa" : random.nextBoolean() ? "BB" : "x");
    }
    return element.toString();
  }

  /** As recursions and lists of one hash they took minutes, or all of the stack. */
  @Test
  void manyElementsOfOneHashCodeAreAsGoodAsOthers() {
    List<String> elements = IntStream.range(0, 50_000).mapToObj(ElementMapTest::colliding).toList();
    assertThat(elements.stream().map(String::hashCode).distinct()).hasSize(1);
    ElementMap<String> map = ElementMap.empty();
    for (String element : elements) {
      map = map.with(element, element);
    }
    for (String element : elements) {
      assertThat(map.get(element, 0, element.length())).isSameAs(element);
    }
    for (String element : elements) {
      map = map.without(element);
    }
    assertThat(map.isEmpty()).isTrue();
  }

  private static String colliding(int number) {
    StringBuilder element = new StringBuilder();
    for (int bit = 0; bit < 16; bit++) {
      element.append((number >> bit & 1) == 0 ? "Aa" : "BB");
    }
    return element.toString();
  }
}
