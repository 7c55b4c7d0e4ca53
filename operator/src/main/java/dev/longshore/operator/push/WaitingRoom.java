package dev.longshore.operator.push;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who is connected and has not said hello: so many at a time, and of one address fewer. A data
 * plane needs its place for some milliseconds, while strangers want to keep theirs; so a newcomer
 * always gets one, and it is the oldest of the address with most that goes. Whose token was
 * accepted is no stranger, and goes only when there is nobody else. Thread-safe; takes time in
 * proportion to the places, when there is none left.
 *
 * @param <T> a connection, by its identity
 */
final class WaitingRoom<T> {
  private final int places;
  private final int placesPerAddress;

  /** In the order of their coming. */
  private final Map<T, Place> waiting = new LinkedHashMap<>();

  /** Strangers by address. */
  private final Map<InetAddress, Integer> strangers = new HashMap<>();

  private record Place(InetAddress address, boolean known) {}

  /** With so many places, and so many for the strangers of one address. */
  WaitingRoom(int places, int placesPerAddress) {
    this.places = places;
    this.placesPerAddress = placesPerAddress;
  }

  /**
   * Takes a place.
   *
   * @return who has to go for it, and has no place any more; the newcomer itself, if all others are
   *     known; null: nobody
   */
  synchronized @Nullable T enter(T newcomer, InetAddress address) {
    waiting.put(newcomer, new Place(address, false));
    int siblings = strangers.merge(address, 1, Integer::sum);
    if (siblings <= placesPerAddress && waiting.size() <= places) {
      return null;
    }
    int most = siblings > placesPerAddress ? siblings : most();
    T victim = newcomer;
    for (Map.Entry<T, Place> each : waiting.entrySet()) {
      Place place = each.getValue();
      if (!place.known
          && each.getKey() != newcomer
          && strangers.getOrDefault(place.address, 0) == most) {
        victim = each.getKey();
        break;
      }
    }
    leave(victim);
    return victim;
  }

  /** The most of one address, the newcomer's being one of them or alone. */
  private int most() {
    return strangers.values().stream().mapToInt(Integer::intValue).max().orElse(0);
  }

  /** Its token was accepted. */
  synchronized void known(T one) {
    Place place = waiting.get(one);
    if (place != null && !place.known) {
      waiting.replace(one, new Place(place.address, true));
      forget(place);
    }
  }

  /** It has said hello or is gone; nothing happens if it has no place. */
  synchronized void leave(T one) {
    Place place = waiting.remove(one);
    if (place != null && !place.known) {
      forget(place);
    }
  }

  private void forget(Place stranger) {
    strangers.computeIfPresent(stranger.address, (_, count) -> count == 1 ? null : count - 1);
  }
}
