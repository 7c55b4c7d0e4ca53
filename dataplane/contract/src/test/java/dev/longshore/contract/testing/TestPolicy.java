package dev.longshore.contract.testing;

import dev.longshore.contract.Cidr;
import dev.longshore.contract.policy.Access;
import dev.longshore.contract.policy.AllowedOrigins;
import dev.longshore.contract.policy.AllowedSubprotocols;
import dev.longshore.contract.policy.Closing;
import dev.longshore.contract.policy.Draining;
import dev.longshore.contract.policy.Draining.OnChange;
import dev.longshore.contract.policy.Header;
import dev.longshore.contract.policy.HeaderEdits;
import dev.longshore.contract.policy.Limits;
import dev.longshore.contract.policy.Ping;
import dev.longshore.contract.policy.Ping.Towards;
import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.policy.PolicyPart;
import dev.longshore.contract.policy.RequestHeaders;
import dev.longshore.contract.policy.ResponseHeaders;
import dev.longshore.contract.policy.Retries;
import dev.longshore.contract.policy.Timeouts;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Builds policies that differ from the default in what a test is about. */
public final class TestPolicy {
  private Policy policy = Policy.DEFAULT;

  /** A part as it is. */
  public TestPolicy with(PolicyPart part) {
    policy = policy.with(part);
    return this;
  }

  /** Who may connect from a browser. */
  public TestPolicy origins(String... allowed) {
    return with(new AllowedOrigins(List.of(allowed)));
  }

  /** What may be agreed. */
  public TestPolicy subprotocols(String... allowed) {
    return with(new AllowedSubprotocols(List.of(allowed)));
  }

  /** Connect, handshake and response, all the same. */
  public TestPolicy answerWithin(Duration bound) {
    Timeouts t = policy.get(Timeouts.class);
    return with(new Timeouts(bound, bound, t.idle(), t.maxLifetime(), bound, t.writeStall()));
  }

  /** How long a tunnel or a body may pause. */
  public TestPolicy idle(Duration bound) {
    Timeouts t = policy.get(Timeouts.class);
    return with(
        new Timeouts(
            t.connect(), t.handshake(), bound, t.maxLifetime(), t.response(), t.writeStall()));
  }

  /** How old a tunnel gets, about. */
  public TestPolicy maxLifetime(Duration bound) {
    Timeouts t = policy.get(Timeouts.class);
    return with(
        new Timeouts(t.connect(), t.handshake(), t.idle(), bound, t.response(), t.writeStall()));
  }

  /** How long a peer may take nothing of what waits for it. */
  public TestPolicy writeStall(Duration bound) {
    Timeouts t = policy.get(Timeouts.class);
    return with(
        new Timeouts(t.connect(), t.handshake(), t.idle(), t.maxLifetime(), t.response(), bound));
  }

  /** Further endpoints to try. */
  public TestPolicy retries(int count) {
    return with(new Retries(count));
  }

  /** Only these addresses. */
  public TestPolicy allow(String... ranges) {
    return with(new Access(cidrs(ranges), policy.get(Access.class).deny()));
  }

  /** Never these. */
  public TestPolicy deny(String... ranges) {
    return with(new Access(policy.get(Access.class).allow(), cidrs(ranges)));
  }

  private static List<Cidr> cidrs(String... ranges) {
    return Stream.of(ranges).map(Cidr::parse).toList();
  }

  /** Edits on the way upstream. */
  public TestPolicy request(List<Header> set, String... remove) {
    return with(new RequestHeaders(new HeaderEdits(set, List.of(remove))));
  }

  /** Edits on the way to the client. */
  public TestPolicy response(List<Header> set, String... remove) {
    return with(new ResponseHeaders(new HeaderEdits(set, List.of(remove))));
  }

  /** How a polite Close is done. */
  public TestPolicy closing(Duration deadline, int code) {
    return with(new Closing(deadline, code));
  }

  /** Pings of the proxy's own. */
  public TestPolicy ping(Duration interval, Duration timeout, Towards towards) {
    return with(new Ping(interval, timeout, towards));
  }

  /** What changes do to open tunnels. */
  public TestPolicy draining(Duration window, OnChange onRemoval, OnChange onPolicyChange) {
    return with(new Draining(window, onRemoval, onPolicyChange));
  }

  /** Open tunnels over all data planes. */
  public TestPolicy connections(int most) {
    Limits l = limits();
    return with(
        new Limits(
            most,
            l.connectionsPerClient(),
            l.handshakesPerSecondPerClient(),
            l.handshakesBurst(),
            l.messageBytes(),
            l.messagesPerSecond(),
            l.messagesBurst()));
  }

  /** Open tunnels of one client. */
  public TestPolicy connectionsPerClient(int most) {
    Limits l = limits();
    return with(
        new Limits(
            l.connections(),
            most,
            l.handshakesPerSecondPerClient(),
            l.handshakesBurst(),
            l.messageBytes(),
            l.messagesPerSecond(),
            l.messagesBurst()));
  }

  /** Handshakes of one client. */
  public TestPolicy handshakes(int perSecond, int burst) {
    Limits l = limits();
    return with(
        new Limits(
            l.connections(),
            l.connectionsPerClient(),
            perSecond,
            burst,
            l.messageBytes(),
            l.messagesPerSecond(),
            l.messagesBurst()));
  }

  /** The largest message. */
  public TestPolicy messageBytes(long most) {
    Limits l = limits();
    return with(
        new Limits(
            l.connections(),
            l.connectionsPerClient(),
            l.handshakesPerSecondPerClient(),
            l.handshakesBurst(),
            most,
            l.messagesPerSecond(),
            l.messagesBurst()));
  }

  /** Messages of one connection. */
  public TestPolicy messages(int perSecond, int burst) {
    Limits l = limits();
    return with(
        new Limits(
            l.connections(),
            l.connectionsPerClient(),
            l.handshakesPerSecondPerClient(),
            l.handshakesBurst(),
            l.messageBytes(),
            perSecond,
            burst));
  }

  /** The limits so far. */
  public Limits limits() {
    return policy.get(Limits.class);
  }

  /** The policy. */
  public Policy build() {
    return policy;
  }
}
