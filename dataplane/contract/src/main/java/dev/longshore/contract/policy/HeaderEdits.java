package dev.longshore.contract.policy;

import dev.longshore.contract.Field;
import java.util.List;
import java.util.Set;

/**
 * Edits of a header block; {@code remove} first, then {@code set}.
 *
 * @param set replaces all values of a name
 * @param remove lower-case names
 */
public record HeaderEdits(List<Header> set, List<String> remove) {
  /** No edits. */
  public static final HeaderEdits NONE = new HeaderEdits(List.of(), List.of());

  /** What a data plane has to know for edits. */
  static final String EDITS = "header-edits";

  /** What it has to know for those whose values are secret: they came later. */
  static final String SECRETS = "header-secrets";

  private static final int MOST = 32;

  public HeaderEdits {
    set = List.copyOf(set);
    remove = List.copyOf(remove);
  }

  /** Whether a value among them is secret. */
  public boolean holdSecret() {
    return set.stream().anyMatch(header -> header.secret() != null);
  }

  /** Whether a value among them is secret, or called like something that should be. */
  public boolean holdCredential() {
    return set.stream().anyMatch(Header::isCredential);
  }

  Set<String> features() {
    return holdSecret() ? Set.of(EDITS, SECRETS) : Set.of(EDITS);
  }

  void check(Field at) {
    Field sets = at.at("set");
    sets.atMost(set, MOST);
    for (int i = 0; i < set.size(); i++) {
      Header header = set.get(i);
      sets.at(i).at("name").headerName(header.name());
      sets.at(i).at(header.secret() == null ? "value" : "secret").headerValue(header.reveal());
    }
    Field removes = at.at("remove");
    removes.atMost(remove, MOST);
    for (int i = 0; i < remove.size(); i++) {
      removes.at(i).headerName(remove.get(i));
      removes.at(i).lowerCase(remove.get(i));
    }
  }
}
