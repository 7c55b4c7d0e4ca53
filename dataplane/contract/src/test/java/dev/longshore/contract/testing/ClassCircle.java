package dev.longshore.contract.testing;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Classes of which each needs all the others, be it by way of others: none can be read or moved
 * alone. ArchUnit's own search for cycles leaves some out, so this one is complete.
 *
 * @param needs what each needs at once, of the others in the circle
 */
public record ClassCircle(SortedMap<String, SortedSet<String>> needs) {
  /**
   * All circles among some classes.
   *
   * @param name what a class counts as, such as its outermost one; null: it is left out
   */
  public static List<ClassCircle> among(
      JavaClasses classes, Function<JavaClass, @Nullable String> name) {
    SortedMap<String, SortedSet<String>> needs = new TreeMap<>();
    for (JavaClass type : classes) {
      String from = name.apply(type);
      if (from != null) {
        SortedSet<String> own = needs.computeIfAbsent(from, _ -> new TreeSet<>());
        type.getDirectDependenciesFromSelf().stream()
            .map(dependency -> name.apply(dependency.getTargetClass().getBaseComponentType()))
            .filter(to -> to != null && !to.equals(from))
            .forEach(own::add);
      }
    }
    Map<String, Set<String>> reached = new TreeMap<>();
    needs.keySet().forEach(from -> reached.put(from, reached(from, needs)));
    List<ClassCircle> circles = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (String from : needs.keySet()) {
      SortedSet<String> circle = new TreeSet<>(reached.getOrDefault(from, Set.of()));
      circle.removeIf(to -> !reached.getOrDefault(to, Set.of()).contains(from));
      if (circle.size() > 1 && seen.addAll(circle)) {
        circles.add(of(circle, needs));
      }
    }
    return circles;
  }

  private static Set<String> reached(String from, SortedMap<String, SortedSet<String>> needs) {
    Set<String> reached = new HashSet<>();
    Deque<String> next = new ArrayDeque<>(needs.getOrDefault(from, new TreeSet<>()));
    while (!next.isEmpty()) {
      String each = next.pop();
      if (reached.add(each)) {
        next.addAll(needs.getOrDefault(each, new TreeSet<>()));
      }
    }
    return reached;
  }

  private static ClassCircle of(Set<String> circle, SortedMap<String, SortedSet<String>> needs) {
    SortedMap<String, SortedSet<String>> own = new TreeMap<>();
    for (String from : circle) {
      SortedSet<String> within = new TreeSet<>(needs.getOrDefault(from, new TreeSet<>()));
      within.retainAll(circle);
      own.put(from, within);
    }
    return new ClassCircle(own);
  }

  /**
   * Whether its classes are only parents and their parts, which know the one that they are a part
   * of: no way of three or more leads back to where it began. Then, and only then, they form a tree
   * of pairs.
   */
  public boolean isOfParentsAndParts() {
    int steps = needs.values().stream().mapToInt(Set::size).sum();
    return steps == 2 * (needs.size() - 1)
        && needs.entrySet().stream()
            .allMatch(
                from ->
                    from.getValue().stream()
                        .allMatch(
                            to -> needs.getOrDefault(to, new TreeSet<>()).contains(from.getKey())));
  }
}
