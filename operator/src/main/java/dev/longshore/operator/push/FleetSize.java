package dev.longshore.operator.push;

import dev.longshore.contract.push.Fleet;
import java.time.Duration;
import java.util.Collection;

/**
 * How many data planes share what is limited over all of them, as they are told. What comes soon
 * after another number is told later, and only the last of it. For the push server's thread.
 */
final class FleetSize {
  /** A rolling update changes their number often; each change is a message to each of them. */
  private static final long PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

  /** As they are told; 0: it is not known. */
  private int size;

  /** How many there are by now. */
  private int next;

  /** When {@link #size} changed, by the push server's ticker. */
  private long since;

  /** So many there are. */
  void becomes(int dataPlanes) {
    next = dataPlanes;
  }

  /** Tells all of what there is news, unless that was told just now. */
  void tell(Collection<Session> sessions, long now) {
    if (next != size && (size == 0 || now - since > PAUSE_NANOS)) {
      size = next;
      since = now;
      sessions.forEach(this::tell);
    }
  }

  /** Not behind a large message that is not written yet: what is newest then, is told then. */
  void tell(Session session) {
    if (size != 0
        && size != session.toldFleet
        && session.active()
        && session.sharesTotals()
        && session.writing == null) {
      session.toldFleet = size;
      session.channel.tell(new Fleet(size));
    }
  }
}
