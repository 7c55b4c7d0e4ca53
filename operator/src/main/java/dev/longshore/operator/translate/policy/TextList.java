package dev.longshore.operator.translate.policy;

import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * A list of texts. An item that can't be read is a fault wherever the list stands: going on without
 * it would make the list say something else.
 *
 * @param most items
 * @param parser of an item; throws IllegalArgumentException, and says what would be right
 * @param accepts for documentation
 */
record TextList<T>(int most, Function<String, T> parser, String accepts)
    implements Form<List<String>, List<T>> {
  @Override
  public List<String> ofText(String text) {
    return text.isEmpty()
        ? List.of()
        : Arrays.stream(text.split(",", -1)).map(String::strip).toList();
  }

  @Override
  public List<T> read(List<String> value, String path, Problems problems) {
    if (value.size() > most) {
      problems.fault(Reason.INVALID, path, "has " + value.size() + " items: at most " + most);
    }
    List<T> items = new ArrayList<>();
    for (int i = 0; i < Math.min(value.size(), most); i++) {
      String item = value.get(i);
      T read = problems.parse(path + "[" + i + "]", () -> parser.apply(item));
      if (read != null) {
        items.add(read);
      }
    }
    return items;
  }
}
