package dev.longshore.proxy.dial.http2;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.netty.handler.codec.http2.Http2Error;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What becomes of connections of HTTP/2 to endpoints. Any thread. */
public final class SharedMeters implements MeterBinder {
  private final AtomicInteger open = new AtomicInteger();
  private final Map<Http2Error, LongAdder> broken = new EnumMap<>(Http2Error.class);
  private final LongAdder malformed = new LongAdder();
  private final LongAdder unsent = new LongAdder();
  private final LongAdder dead = new LongAdder();

  /** All at zero. */
  public SharedMeters() {
    for (Http2Error error : Http2Error.values()) {
      broken.put(error, new LongAdder());
    }
  }

  void opened() {
    open.incrementAndGet();
  }

  void closed() {
    open.decrementAndGet();
  }

  /** Ended by us for what its endpoint sent. */
  void broken(Http2Error error) {
    LongAdder count = broken.get(error);
    if (count != null) {
      count.increment();
    }
  }

  /** A stream was ended by us for what its endpoint sent. */
  void malformed() {
    malformed.increment();
  }

  /** An endpoint has not begun a request: it goes away, or refuses the stream. */
  void unsent() {
    unsent.increment();
  }

  /** A PING was not answered. */
  void dead() {
    dead.increment();
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    Gauge.builder("longshore.upstream.http2.connections", open, AtomicInteger::get)
        .description("Connections to endpoints that speak HTTP/2")
        .strongReference(true)
        .register(registry);
    broken.forEach(
        (error, count) ->
            counter(
                registry,
                "longshore.upstream.http2.broken",
                "Connections ended for what their endpoint sent, by the code that it was told",
                "code",
                error.name().toLowerCase(Locale.ROOT),
                count));
    counter(
        registry,
        "longshore.upstream.http2.streams.ended",
        "Streams that ended without an answer: it was malformed, or the request not begun",
        "reason",
        "malformed",
        malformed);
    counter(
        registry,
        "longshore.upstream.http2.streams.ended",
        "Streams that ended without an answer: it was malformed, or the request not begun",
        "reason",
        "not_begun",
        unsent);
    counter(
        registry,
        "longshore.upstream.http2.dead",
        "Connections cut because their endpoint did not answer a PING",
        "by",
        "ping",
        dead);
  }

  private static void counter(
      MeterRegistry registry, String name, String text, String tag, String value, LongAdder count) {
    FunctionCounter.builder(name, count, LongAdder::sum)
        .description(text)
        .tag(tag, value)
        .register(registry);
  }
}
