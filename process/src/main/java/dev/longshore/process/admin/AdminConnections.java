package dev.longshore.process.admin;

import dev.longshore.contract.HardLimits;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/**
 * The open connections of an admin server, and what of answers waits on them. At a bound it is the
 * oldest one that goes, never the newcomer: a probe comes on a new connection and needs it for some
 * milliseconds, while who holds many wants to keep them. On the server's one event loop, but for
 * the counts.
 */
final class AdminConnections {
  private final Map<InetAddress, Deque<Channel>> byAddress = new HashMap<>();
  private final Map<Channel, Integer> answers = new LinkedHashMap<>();
  private final Map<Cut, LongAdder> cuts = new EnumMap<>(Cut.class);
  private long answerBytes;
  private int open;

  AdminConnections() {
    for (Cut cut : Cut.values()) {
      cuts.put(cut, new LongAdder());
    }
  }

  /** Counts a connection until it is closed, and closes another if there are too many. */
  void add(Channel channel) {
    InetAddress address = ((InetSocketAddress) channel.remoteAddress()).getAddress();
    Deque<Channel> siblings = byAddress.computeIfAbsent(address, _ -> new ArrayDeque<>());
    siblings.addLast(channel);
    open++;
    channel.closeFuture().addListener(_ -> remove(address, channel));
    if (siblings.size() > HardLimits.ADMIN_CONNECTIONS_PER_ADDRESS) {
      cut(siblings.getFirst(), Cut.CONNECTIONS);
    } else if (open > HardLimits.ADMIN_CONNECTIONS) {
      byAddress.values().stream()
          .max(Comparator.comparingInt(Deque::size))
          .ifPresent(most -> cut(most.getFirst(), Cut.CONNECTIONS));
    }
  }

  private void remove(InetAddress address, Channel channel) {
    Deque<Channel> siblings = byAddress.get(address);
    if (siblings != null && siblings.remove(channel)) {
      open--;
      if (siblings.isEmpty()) {
        byAddress.remove(address);
      }
    }
    taken(channel);
  }

  /** Counts an answer until it is taken, and gives up others if too much waits. */
  void answer(Channel channel, int bytes) {
    while (answerBytes + bytes > HardLimits.ADMIN_ANSWER_BYTES && !answers.isEmpty()) {
      Channel oldest = answers.keySet().iterator().next();
      taken(oldest);
      cut(oldest, Cut.ANSWERS);
    }
    answers.put(channel, bytes);
    answerBytes += bytes;
  }

  /** An answer is taken, or given up. */
  void taken(Channel channel) {
    Integer bytes = answers.remove(channel);
    if (bytes != null) {
      answerBytes -= bytes;
    }
  }

  void cut(Channel channel, Cut why) {
    count(why);
    channel.close();
  }

  void count(Cut why) {
    counter(why).increment();
  }

  void bindTo(MeterRegistry registry) {
    for (Cut cut : Cut.values()) {
      FunctionCounter.builder("longshore.admin.cut", counter(cut), LongAdder::sum)
          .description("Connections and requests of the metrics and admin ports that were refused")
          .tag("reason", cut.label())
          .register(registry);
    }
  }

  private LongAdder counter(Cut cut) {
    return Objects.requireNonNull(cuts.get(cut), "every cut has a counter");
  }
}
