package dev.longshore.operator.push;

import dev.longshore.contract.SnapshotDelta.Versions;
import dev.longshore.contract.push.Features;
import dev.longshore.contract.push.Hello;
import java.time.Instant;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What the coordinator remembers of one channel. For its thread. */
final class Session {
  final DataPlaneChannel channel;
  final Instant since;
  final SortedSet<String> missing;
  final Talk talks;

  /** The newest hello. */
  Hello hello;

  /** What the data plane serves, as it says; null: nothing. */
  @Nullable Versions applied;

  /** {@link DataPlaneState#appliedSequence()}. */
  long appliedSequence;

  /** The one message that is not answered yet. */
  @Nullable InFlight inFlight;

  /** The message that is not written yet: the same, or one whose answer is no longer waited for. */
  @Nullable InFlight writing;

  /** What it refused; not sent again before there is something else. */
  @Nullable Versions refused;

  /** {@link DataPlaneState#lastNack()}. */
  @Nullable Rejection lastNack;

  /** What it was last told to be the newest. */
  @Nullable Versions told;

  /** How many data planes it was last told that there are; 0: nothing of that. */
  int toldFleet;

  /** It asked for everything. */
  boolean whole;

  /** When it may ask for everything again, by the push server's ticker. */
  long wholeNotBefore;

  /** There was no room for a large message. */
  boolean waits;

  long lastPing;

  /**
   * A message on its way to {@code target}, or being made; its encoding is held until it is
   * written, {@code startedAt} is when writing began, once it has. Times are by the push server's
   * ticker.
   */
  static final class InFlight {
    final Versions target;
    final Encoding encoding;
    long startedAt;
    long writtenAt;

    InFlight(Versions target, Encoding encoding, long now) {
      this.startedAt = now;
      this.target = target;
      this.encoding = encoding;
    }
  }

  /**
   * Of a channel that said hello.
   *
   * @param since when, for people
   * @param now the same by the push server's ticker
   */
  Session(DataPlaneChannel channel, Hello hello, Instant since, long now) {
    this.talks = new Talk(now);
    this.wholeNotBefore = now;
    this.lastPing = now;
    this.channel = channel;
    this.hello = hello;
    this.applied = hello.applied();
    this.since = since;
    this.missing = new TreeSet<>(Features.ALL);
    this.missing.removeAll(hello.features());
  }

  boolean active() {
    return hello.role() == Hello.Role.ACTIVE;
  }

  /** Whether it knows what to do with a {@link dev.longshore.contract.push.Fleet}. */
  boolean sharesTotals() {
    return !missing.contains(Features.FLEET);
  }

  DataPlaneState state() {
    return new DataPlaneState(
        hello.node(),
        hello.group(),
        hello.build(),
        hello.features(),
        hello.role(),
        applied,
        appliedSequence,
        lastNack,
        since);
  }
}
