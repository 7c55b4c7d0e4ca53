package dev.longshore.proxy.subscribe;

import dev.longshore.contract.push.FromDataPlane;
import dev.longshore.process.watch.Part;
import dev.longshore.proxy.subscribe.OperatorLink.Turn;
import dev.longshore.proxy.subscribe.SubscriptionStatus.Operator;
import dev.longshore.proxy.subscribe.SubscriptionStatus.State;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The replicas of the operator: a channel to each address that its name has, one of which has the
 * active role. The role goes to the replica that this data plane prefers; when its channel dies, at
 * once to the next best that is open, and back when the preferred one has been there for a while.
 * Lives on the subscription's event loop, except {@link #status()}.
 */
final class Operators implements OperatorLink.Owner {
  private static final Logger LOG = LoggerFactory.getLogger(Operators.class);

  /** More than that is no operator; bounds what a wrong answer of DNS costs. */
  private static final int MAX_REPLICAS = 64;

  /** After a channel died: its replica may be gone, and another in its place. */
  private static final int LOOK_AGAIN_MILLIS = 500;

  private final EventLoop loop;
  private final SubscriptionOptions options;
  private final Timing timing;
  private final Names names;
  private final OperatorDialer dialer;
  private final Conduct conduct;
  private final Comparator<InetSocketAddress> preference;
  private final Map<InetSocketAddress, OperatorLink> links = new HashMap<>();
  private Set<InetSocketAddress> known = Set.of();
  private @Nullable OperatorLink active;
  private @Nullable ScheduledFuture<?> nextLookUp;
  private boolean lookingUp;
  private boolean closed;
  private String trouble = "";
  private volatile List<Operator> status = List.of();
  private volatile Part part = Part.unwatched("push");

  /** Looks a name up; called off the event loop. */
  @FunctionalInterface
  interface Names {
    InetAddress[] addresses(String host) throws UnknownHostException;
  }

  /** What is said to replicas, and done with what they say. On the event loop. */
  interface Conduct {
    /** A channel is new, or its role changed: {@link OperatorLink#greeting} is due. */
    void greet(OperatorLink link);

    /** A message from a replica, to be released. */
    void received(OperatorLink from, ByteBuf json, Turn turn);

    /** Another replica is the active one now; null: none is. */
    void activeChanged(@Nullable OperatorLink active);
  }

  Operators(
      EventLoop loop, SubscriptionOptions options, Timing timing, Names names, Conduct conduct) {
    this.loop = loop;
    this.options = options;
    this.timing = timing;
    this.names = names;
    this.conduct = conduct;
    this.dialer = new OperatorDialer(loop, options, timing);
    this.preference = new Rendezvous(options.node()).preference();
  }

  /** Has it told of what fails. Any thread. */
  void watch(Part watched) {
    part = watched;
  }

  /** Every replica that is known, sorted by address. Any thread. */
  List<Operator> status() {
    return status;
  }

  /** Begins to look for replicas. */
  void start() {
    lookUp();
  }

  /** Tells every replica. */
  void report(FromDataPlane message) {
    links.values().forEach(link -> link.send(message));
  }

  boolean isActive(OperatorLink link) {
    return link == active;
  }

  /** Closes every channel for good. */
  void close() {
    closed = true;
    if (nextLookUp != null) {
      nextLookUp.cancel(false);
    }
    links.values().forEach(OperatorLink::close);
  }

  private void lookUp() {
    nextLookUp = null;
    if (lookingUp || closed) {
      return;
    }
    lookingUp = true;
    try {
      Thread.ofVirtual().name("longshore-push-names").start(this::resolve);
    } catch (RuntimeException | Error e) {
      // No thread can be had now.
      part.fault(options.host() + " can't be looked up, which is tried again", e);
      lookedUp(new InetAddress[0], options.host() + " can't be looked up");
    }
  }

  private void resolve() {
    InetAddress[] found = {};
    String wrong = "";
    try {
      found = names.addresses(options.host());
    } catch (UnknownHostException e) {
      wrong = options.host() + " is not found in DNS";
    } catch (RuntimeException | Error e) {
      part.fault(options.host() + " can't be looked up, which is tried again", e);
      wrong = options.host() + " can't be looked up";
    }
    lookedUpLater(found, wrong);
  }

  private void lookedUpLater(InetAddress[] found, String wrong) {
    try {
      loop.execute(() -> lookedUp(found, wrong));
    } catch (RejectedExecutionException e) {
      LOG.debug("closed while {} was looked up", options.host());
    }
  }

  private void lookedUp(InetAddress[] found, String wrong) {
    lookingUp = false;
    if (closed) {
      return;
    }
    if (!wrong.isEmpty() && !wrong.equals(trouble)) {
      LOG.warn("operator: {}; is it running, and --operator the name of its Service?", wrong);
    }
    trouble = wrong;
    try {
      // A name that is gone says nothing of the replicas that it had.
      if (found.length > 0) {
        known(found);
      }
    } catch (RuntimeException | Error e) {
      part.fault("the replicas of " + options.host() + " can't be followed, and are again", e);
    } finally {
      scheduleLookUp(timing.resolve().toMillis());
    }
  }

  private void known(InetAddress[] found) {
    known =
        Set.copyOf(
            Arrays.stream(found)
                .limit(MAX_REPLICAS)
                .map(address -> new InetSocketAddress(address, options.port()))
                .collect(Collectors.toSet()));
    known.forEach(this::meet);
    new HashSet<>(links.values()).forEach(this::forgetIfGone);
    publish();
  }

  private void scheduleLookUp(long millis) {
    if (nextLookUp != null) {
      nextLookUp.cancel(false);
    }
    nextLookUp =
        loop.schedule(
            part.guarded("names can't be looked up", this::lookUp), millis, TimeUnit.MILLISECONDS);
  }

  private void meet(InetSocketAddress address) {
    if (!links.containsKey(address)) {
      OperatorLink link =
          new OperatorLink(
              address,
              dialer,
              loop,
              timing,
              new BackOff(timing.firstWait(), timing.longestWait(), RandomGenerator.getDefault()),
              this);
      links.put(address, link);
      link.open();
    }
  }

  /** A replica that DNS no longer names is kept as long as its channel lives. */
  private void forgetIfGone(OperatorLink link) {
    if (!known.contains(link.address()) && !link.isUp()) {
      links.remove(link.address());
      link.close();
    }
  }

  @Override
  public void up(OperatorLink link) {
    boolean first = active == null;
    if (first) {
      active = link;
    }
    if (first) {
      activated(link);
    }
    conduct.greet(link);
    if (!first) {
      var _ =
          loop.schedule(
              part.guarded("a replica can't be preferred", this::prefer),
              timing.settled().toMillis() + 1,
              TimeUnit.MILLISECONDS);
    }
    publish();
  }

  @Override
  public void down(OperatorLink link) {
    if (link == active) {
      active = null;
      OperatorLink next = best(true);
      if (next == null) {
        next = best(false);
      }
      if (next == null) {
        conduct.activeChanged(null);
      } else {
        active = next;
        activated(next);
        conduct.greet(next);
      }
    }
    forgetIfGone(link);
    if (nextLookUp != null && nextLookUp.getDelay(TimeUnit.MILLISECONDS) > LOOK_AGAIN_MILLIS) {
      scheduleLookUp(LOOK_AGAIN_MILLIS);
    }
    publish();
  }

  /** Gives the role to the preferred replica, if it is one that lasts. */
  private void prefer() {
    OperatorLink preferred = best(true);
    OperatorLink present = active;
    if (preferred == null
        || present == null
        || preference.compare(preferred.address(), present.address()) >= 0) {
      return;
    }
    active = preferred;
    activated(preferred);
    // In this order, so that no two have the role.
    conduct.greet(present);
    conduct.greet(preferred);
    publish();
  }

  private @Nullable OperatorLink best(boolean settledOnly) {
    return links.values().stream()
        .filter(link -> settledOnly ? link.isSettled() : link.isUp())
        .min(Comparator.comparing(OperatorLink::address, preference))
        .orElse(null);
  }

  private void activated(OperatorLink link) {
    LOG.info("configuration comes from operator {}", link.address().getAddress().getHostAddress());
    conduct.activeChanged(link);
  }

  @Override
  public void received(OperatorLink link, ByteBuf json, Turn turn) {
    conduct.received(link, json, turn);
  }

  private void publish() {
    status =
        links.values().stream()
            .sorted(Comparator.comparing(link -> link.address().toString()))
            .map(
                link ->
                    new Operator(
                        link.address().getAddress().getHostAddress()
                            + ":"
                            + link.address().getPort(),
                        !link.isUp() ? State.DOWN : link == active ? State.ACTIVE : State.STANDBY,
                        link.trouble()))
            .toList();
  }
}
