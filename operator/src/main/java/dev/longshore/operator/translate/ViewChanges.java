package dev.longshore.operator.translate;

import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.upstream.EndpointTracker;
import java.util.HashSet;
import java.util.Set;

/**
 * Finds what has to be read again for the difference of two views, at a cost proportional to it.
 */
final class ViewChanges {
  private ViewChanges() {}

  /**
   * The resources with rules to be read again; and the class configuration's name, should what it
   * refers to have changed.
   *
   * @param endpoints hears of Services and EndpointSlices
   */
  static Set<ResourceRef> find(
      View older, View view, Dependents dependents, EndpointTracker endpoints) {
    Set<ResourceRef> toRead = new HashSet<>();
    for (Kind kind : Kind.routing()) {
      older.of(kind).diff(view.of(kind), (ref, before, now) -> toRead.add(ref));
    }
    older
        .refused()
        .diff(
            view.refused(),
            (ref, before, now) -> {
              if (ref.kind() != Kind.LONGSHORE_CONFIG) {
                toRead.add(ref);
              }
            });
    older
        .unheld()
        .diff(
            view.unheld(),
            (ref, before, now) -> {
              if (ref.kind().routes()) {
                toRead.add(ref);
              } else if (ref.kind() == Kind.ENDPOINT_SLICE) {
                endpoints.unheld(ref);
              } else {
                toRead.addAll(dependents.of(ref));
              }
            });
    older
        .services()
        .diff(
            view.services(),
            (ref, before, now) -> {
              toRead.addAll(dependents.of(ref));
              endpoints.service(ref);
            });
    older.secrets().diff(view.secrets(), (ref, before, now) -> toRead.addAll(dependents.of(ref)));
    older
        .configMaps()
        .diff(view.configMaps(), (ref, before, now) -> toRead.addAll(dependents.of(ref)));
    older.endpointSlices().diff(view.endpointSlices(), endpoints::slice);
    older
        .surroundings()
        .places()
        .diff(view.surroundings().places(), (ref, before, now) -> toRead.add(ref));
    return toRead;
  }
}
