package dev.longshore.proxy.fields;

import dev.longshore.contract.policy.Header;
import dev.longshore.contract.policy.HeaderEdits;
import java.util.ArrayList;
import java.util.List;

/** What edits of a header block do to a field. */
public final class Edits {
  private Edits() {}

  /** Whether they remove or replace a field, or one that an application takes for it. */
  public static boolean touch(CharSequence name, HeaderEdits edits) {
    List<String> removed = edits.remove();
    for (int i = 0; i < removed.size(); i++) {
      if (FieldName.alike(removed.get(i), name)) {
        return true;
      }
    }
    List<Header> set = edits.set();
    for (int i = 0; i < set.size(); i++) {
      if (FieldName.alike(set.get(i).name(), name)) {
        return true;
      }
    }
    return false;
  }

  /** Edits with others behind them, which have the last word on what they touch. */
  public static HeaderEdits then(HeaderEdits first, HeaderEdits last) {
    if (last.set().isEmpty() && last.remove().isEmpty()) {
      return first;
    }
    List<Header> set = new ArrayList<>(first.set());
    set.removeIf(header -> touch(header.name(), last));
    set.addAll(last.set());
    List<String> remove = new ArrayList<>(first.remove());
    remove.addAll(last.remove());
    return new HeaderEdits(set, remove);
  }
}
