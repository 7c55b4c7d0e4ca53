package dev.longshore.operator.push;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.SnapshotDelta;
import dev.longshore.contract.SnapshotDelta.Removals;
import dev.longshore.contract.SnapshotDelta.Upserts;
import dev.longshore.contract.SnapshotDelta.Versions;
import dev.longshore.contract.push.DeltaMessage;
import dev.longshore.contract.push.FromOperator;
import dev.longshore.contract.push.Origin;
import dev.longshore.contract.push.PushCodec;
import dev.longshore.contract.push.SnapshotMessage;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Messages to the newest publication, each encoded once for all data planes that are at the same
 * base.
 *
 * <p>Memory is bounded: of large messages only {@value #MAX_LARGE} different ones exist at a time,
 * however many data planes take them at whatever speed. Whoever comes when there are as many waits,
 * and gets the newest then. Large ones are made on another thread, for that takes as long as
 * hundreds of small ones. For one thread.
 */
final class Encodings {
  static final int MAX_LARGE = 4;

  private static final Logger log = LoggerFactory.getLogger(Encodings.class);

  /** A message with as many entries is large: from about a quarter of a mebibyte. */
  private static final int LARGE_ENTRIES = 500;

  /** How long a large one that nobody takes is kept for the next who comes. */
  private static final long KEEP_NANOS = Duration.ofSeconds(10).toNanos();

  private final Map<Key, Encoding> newest = new HashMap<>();
  private final Set<Encoding> large = Collections.newSetFromMap(new IdentityHashMap<>());
  private final PushMetrics metrics;
  private final Ticker ticker;
  private final Executor maker;
  private final Consumer<Runnable> back;

  /**
   * @param ticker tells how long nobody has taken one
   * @param maker makes large messages
   * @param back has what comes of it done on the one thread
   */
  Encodings(PushMetrics metrics, Ticker ticker, Executor maker, Consumer<Runnable> back) {
    this.ticker = ticker;
    this.metrics = metrics;
    this.maker = maker;
    this.back = back;
  }

  private record Key(@Nullable Versions base, Versions target) {}

  /**
   * The message that leads from one snapshot to another, which may yet have to be made; to be
   * {@link #release released}, but not before it is made.
   *
   * @param base null: the data plane gets everything
   * @return null: too many large ones are under way
   */
  @Nullable Encoding acquire(
      @Nullable RoutingSnapshot base, RoutingSnapshot target, Origin origin) {
    Key key = new Key(base == null ? null : Versions.of(base), Versions.of(target));
    Encoding encoding = newest.get(key);
    if (encoding == null) {
      encoding = encode(base, target, origin);
      if (encoding == null) {
        return null;
      }
      newest.put(key, encoding);
    }
    encoding.users++;
    return encoding;
  }

  /** One data plane less takes it. */
  void release(Encoding encoding) {
    encoding.users--;
    encoding.unusedSince = ticker.nanoTime();
    if (encoding.users == 0 && !newest.containsValue(encoding)) {
      large.remove(encoding);
    }
  }

  /** There is something newer: what is on its way stays until it is there. */
  void retire() {
    newest.clear();
    large.removeIf(encoding -> encoding.users == 0);
  }

  /** Forgets large ones that nobody has taken for a while. */
  void sweep(long now) {
    newest.values().removeIf(encoding -> encoding.large && unused(encoding, now));
    large.removeIf(encoding -> unused(encoding, now));
  }

  private static boolean unused(Encoding encoding, long now) {
    return encoding.users == 0 && now - encoding.unusedSince > KEEP_NANOS;
  }

  private @Nullable Encoding encode(
      @Nullable RoutingSnapshot base, RoutingSnapshot target, Origin origin) {
    SnapshotDelta delta = base == null ? null : SnapshotDelta.between(base, target);
    boolean isLarge = (delta == null ? entries(target) : entries(delta)) >= LARGE_ENTRIES;
    if (isLarge && large.size() >= MAX_LARGE) {
      return null;
    }
    metrics.encoded();
    FromOperator message =
        delta == null ? new SnapshotMessage(origin, target) : new DeltaMessage(origin, delta);
    Encoding encoding = new Encoding(delta != null, isLarge);
    if (isLarge) {
      large.add(encoding);
      maker.execute(
          () -> {
            byte[] bytes = write(message);
            back.accept(() -> made(encoding, bytes));
          });
    } else {
      encoding.bytes = PushCodec.write(message);
      encoding.made = true;
    }
    return encoding;
  }

  /** Null for what can't be: those who wait for it have to be told. */
  private static byte @Nullable [] write(FromOperator message) {
    try {
      return PushCodec.write(message);
    } catch (RuntimeException e) {
      log.error("a message to data planes can't be written", e);
      return null;
    }
  }

  private static void made(Encoding encoding, byte @Nullable [] bytes) {
    encoding.bytes = bytes;
    encoding.made = true;
    encoding.waiting.forEach(Runnable::run);
    encoding.waiting.clear();
  }

  private static long entries(RoutingSnapshot snapshot) {
    return (long) snapshot.rules().size()
        + snapshot.pools().size()
        + snapshot.endpointSets().size()
        + snapshot.certificates().size()
        + snapshot.policies().size();
  }

  private static long entries(SnapshotDelta delta) {
    Upserts upserts = delta.upserts();
    Removals removals = delta.removals();
    return (long) upserts.rules().size()
        + upserts.pools().size()
        + upserts.endpointSets().size()
        + upserts.certificates().size()
        + upserts.policies().size()
        + removals.rules().size()
        + removals.pools().size()
        + removals.endpointSets().size()
        + removals.certificates().size();
  }
}
