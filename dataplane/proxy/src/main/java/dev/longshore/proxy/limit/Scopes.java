package dev.longshore.proxy.limit;

import dev.longshore.contract.KeyedHash;
import dev.longshore.contract.RuleSource;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The scope of each location. Held weakly: whoever counts something in a scope holds it, and one in
 * which nothing is counted is like a new one. Any thread may use it.
 */
final class Scopes {
  private final ConcurrentHashMap<Key, Known> all = new ConcurrentHashMap<>();
  private final ReferenceQueue<Scope> unused = new ReferenceQueue<>();

  /** The location's scope, to be held for as long as something is counted in it. */
  Scope of(RuleSource source) {
    forgetUnused();
    Key key = Key.of(source);
    Known known = all.get(key);
    Scope scope = known == null ? null : known.get();
    return scope == null ? add(key) : scope;
  }

  private Scope add(Key key) {
    Scope made = new Scope();
    while (true) {
      Known known =
          all.compute(
              key,
              (same, present) ->
                  present == null || present.get() == null
                      ? new Known(same, made, unused)
                      : present);
      Scope scope = known.get();
      if (scope != null) {
        return scope;
      }
    }
  }

  private void forgetUnused() {
    for (Reference<?> gone = unused.poll(); gone != null; gone = unused.poll()) {
      if (gone instanceof Known known) {
        all.remove(known.key, known);
      }
    }
  }

  /** How many are known, those included that nobody uses and that are not forgotten yet. */
  int size() {
    forgetUnused();
    return all.size();
  }

  /** Without the place among its siblings and without the hosts: the location itself. */
  private record Key(String kind, String namespace, String name, String location) {
    static Key of(RuleSource source) {
      return new Key(source.kind(), source.namespace(), source.name(), source.location());
    }

    /** Keyed: tenants choose the names. */
    @Override
    public int hashCode() {
      return KeyedHash.of(kind, namespace, name, location);
    }
  }

  private static final class Known extends WeakReference<Scope> {
    private final Key key;

    Known(Key key, Scope scope, ReferenceQueue<Scope> queue) {
      super(scope, queue);
      this.key = key;
    }
  }
}
