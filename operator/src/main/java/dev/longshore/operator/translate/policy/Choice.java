package dev.longshore.operator.translate.policy;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/** One of some words, which are those of the resource's schema. */
public final class Choice<V extends Enum<V>, T> implements Form<V, T> {
  private final Map<String, V> byLabel = new LinkedHashMap<>();
  private final Function<V, T> meaning;

  private Choice(Class<V> type, Function<V, T> meaning) {
    this.meaning = meaning;
    for (V choice : Objects.requireNonNull(type.getEnumConstants())) {
      byLabel.put(label(type, choice), choice);
    }
  }

  /** Of an enum of the API, with what each constant means. */
  static <V extends Enum<V>, T> Choice<V, T> of(Class<V> type, Function<V, T> meaning) {
    return new Choice<>(type, meaning);
  }

  /** Of an enum of the API that means itself. */
  public static <V extends Enum<V>> Choice<V, V> of(Class<V> type) {
    return new Choice<>(type, choice -> choice);
  }

  private static <V extends Enum<V>> String label(Class<V> type, V choice) {
    try {
      JsonProperty label = type.getField(choice.name()).getAnnotation(JsonProperty.class);
      return label == null ? choice.name() : label.value();
    } catch (NoSuchFieldException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public V ofText(String text) {
    V choice = byLabel.get(text);
    if (choice == null) {
      throw new IllegalArgumentException(Quote.of(text) + " is not " + words());
    }
    return choice;
  }

  /** {@code Allow, Require or Deny}. */
  private String words() {
    List<String> labels = new ArrayList<>(byLabel.keySet());
    String last = labels.removeLast();
    return String.join(", ", labels) + " or " + last;
  }

  @Override
  public T read(V value, String path, Problems problems) {
    return meaning.apply(value);
  }

  @Override
  public String accepts() {
    return byLabel.keySet().stream().collect(Collectors.joining("`, `", "`", "`"));
  }
}
