package dev.longshore.proxy.route;

import dev.longshore.contract.Policy;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.List;

/** Edits of a header block, with names that Netty compares and writes without conversion. */
public final class HeaderEdits {
  private final List<AsciiString> remove;
  private final List<Edit> set;

  /** Replaces all values of a name. */
  private record Edit(AsciiString name, AsciiString value) {
    /** Without the value, which may be a credential. */
    @Override
    public String toString() {
      return name.toString();
    }
  }

  private HeaderEdits(List<AsciiString> remove, List<Edit> set) {
    this.remove = remove;
    this.set = set;
  }

  static HeaderEdits of(Policy.HeaderEdits edits) {
    return new HeaderEdits(
        edits.remove().stream().map(AsciiString::cached).toList(),
        edits.set().stream()
            .map(
                header ->
                    new Edit(
                        AsciiString.cached(header.name()), AsciiString.cached(header.reveal())))
            .toList());
  }

  /** Whether nothing changes. */
  public boolean isEmpty() {
    return remove.isEmpty() && set.isEmpty();
  }

  /** Removes, then sets. */
  public void apply(HttpHeaders headers) {
    for (AsciiString name : remove) {
      headers.remove(name);
    }
    for (Edit edit : set) {
      headers.set(edit.name, edit.value);
    }
  }
}
