package dev.longshore.proxy.testing;

import dev.longshore.contract.Cidr;
import dev.longshore.contract.Policy;
import dev.longshore.contract.Policy.Access;
import dev.longshore.contract.Policy.Closing;
import dev.longshore.contract.Policy.Draining;
import dev.longshore.contract.Policy.EncodedSlashes;
import dev.longshore.contract.Policy.Header;
import dev.longshore.contract.Policy.HeaderEdits;
import dev.longshore.contract.Policy.InsecureMode;
import dev.longshore.contract.Policy.Limits;
import dev.longshore.contract.Policy.OnChange;
import dev.longshore.contract.Policy.Ping;
import dev.longshore.contract.Policy.Timeouts;
import dev.longshore.contract.Policy.Towards;
import dev.longshore.contract.Policy.UpgradeMode;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Builds policies that differ from the default in what a test is about. */
public final class TestPolicy {
  private UpgradeMode upgrade = Policy.DEFAULT.upgrade();
  private InsecureMode insecure = Policy.DEFAULT.insecure();
  private List<String> origins = List.of();
  private List<String> subprotocols = List.of();
  private Timeouts timeouts = Timeouts.DEFAULT;
  private int retries = Policy.DEFAULT.retries();
  private Access access = Access.ANY;
  private HeaderEdits request = HeaderEdits.NONE;
  private HeaderEdits response = HeaderEdits.NONE;
  private Closing closing = Closing.DEFAULT;
  private @Nullable Ping ping;
  private @Nullable Limits limits;
  private @Nullable Draining draining;
  private @Nullable EncodedSlashes encodedSlashes;

  /** What may pass. */
  public TestPolicy upgrade(UpgradeMode mode) {
    upgrade = mode;
    return this;
  }

  /** What requests in the clear get. */
  public TestPolicy insecure(InsecureMode mode) {
    insecure = mode;
    return this;
  }

  /** Who may connect from a browser. */
  public TestPolicy origins(String... allowed) {
    origins = List.of(allowed);
    return this;
  }

  /** What may be agreed. */
  public TestPolicy subprotocols(String... allowed) {
    subprotocols = List.of(allowed);
    return this;
  }

  /** All of them. */
  public TestPolicy timeouts(Timeouts all) {
    timeouts = all;
    return this;
  }

  /** Connect, handshake and response, all the same; the other bounds are the defaults. */
  public TestPolicy answerWithin(Duration bound) {
    timeouts =
        new Timeouts(
            bound,
            bound,
            Timeouts.DEFAULT.idle(),
            Timeouts.DEFAULT.maxLifetime(),
            bound,
            Timeouts.DEFAULT.writeStall());
    return this;
  }

  /** How long a body may pause. */
  public TestPolicy idle(Duration bound) {
    timeouts =
        new Timeouts(
            timeouts.connect(),
            timeouts.handshake(),
            bound,
            timeouts.maxLifetime(),
            timeouts.response(),
            timeouts.writeStall());
    return this;
  }

  /** How long a tunnel may last; zero: as long as it likes. */
  public TestPolicy maxLifetime(Duration bound) {
    timeouts =
        new Timeouts(
            timeouts.connect(),
            timeouts.handshake(),
            timeouts.idle(),
            bound,
            timeouts.response(),
            timeouts.writeStall());
    return this;
  }

  /** How long a peer may take nothing of what waits for it. */
  public TestPolicy writeStall(Duration bound) {
    timeouts =
        new Timeouts(
            timeouts.connect(),
            timeouts.handshake(),
            timeouts.idle(),
            timeouts.maxLifetime(),
            timeouts.response(),
            bound);
    return this;
  }

  /** Further endpoints to try. */
  public TestPolicy retries(int count) {
    retries = count;
    return this;
  }

  /** Only these addresses. */
  public TestPolicy allow(String... ranges) {
    access = new Access(Stream.of(ranges).map(Cidr::parse).toList(), access.deny());
    return this;
  }

  /** Never these. */
  public TestPolicy deny(String... ranges) {
    access = new Access(access.allow(), Stream.of(ranges).map(Cidr::parse).toList());
    return this;
  }

  /** Edits on the way upstream. */
  public TestPolicy request(List<Header> set, String... remove) {
    request = new HeaderEdits(set, List.of(remove));
    return this;
  }

  /** Edits on the way to the client. */
  public TestPolicy response(List<Header> set, String... remove) {
    response = new HeaderEdits(set, List.of(remove));
    return this;
  }

  /** How a polite Close is done. */
  public TestPolicy closing(Duration deadline, int code) {
    closing = new Closing(deadline, code);
    return this;
  }

  /** Pings of the proxy's own. */
  public TestPolicy ping(Duration interval, Duration timeout, Towards towards) {
    ping = new Ping(interval, timeout, towards);
    return this;
  }

  /** Of connections and messages. */
  public TestPolicy limits(Limits all) {
    limits = all;
    return this;
  }

  /** What changes do to open tunnels. */
  public TestPolicy draining(Duration window, OnChange onRemoval, OnChange onPolicyChange) {
    draining = new Draining(window, onRemoval, onPolicyChange);
    return this;
  }

  /** What encoded slashes in a path get. */
  public TestPolicy encodedSlashes(EncodedSlashes mode) {
    encodedSlashes = mode;
    return this;
  }

  /** The policy. */
  public Policy build() {
    return new Policy(
        upgrade,
        insecure,
        origins,
        subprotocols,
        timeouts,
        retries,
        access,
        request,
        response,
        closing,
        ping,
        limits,
        draining,
        encodedSlashes);
  }
}
