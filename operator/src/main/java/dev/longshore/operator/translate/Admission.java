package dev.longshore.operator.translate;

import java.util.Set;

/**
 * Whose claims to hosts are let in.
 *
 * @param shared whether all namespaces may add rules to a host; else it belongs to one
 * @param catchAll the namespaces that may claim every host
 * @param catchAllByAny whether all may
 */
record Admission(boolean shared, Set<String> catchAll, boolean catchAllByAny) {
  Admission {
    catchAll = Set.copyOf(catchAll);
  }

  boolean mayCatchAll(String namespace) {
    return catchAllByAny || catchAll.contains(namespace);
  }
}
