package dev.longshore.contract;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Everything a location enforces, merged and with defaults applied: nothing is left to be guessed
 * by the data plane. Interned in a snapshot under the hash of its content.
 *
 * @param upgrade what may pass
 * @param insecure what requests in the clear get
 * @param origins allowed Origin values such as {@code https://*.example.com}; empty: not checked
 * @param subprotocols allowed WebSocket subprotocols; empty: not checked
 * @param timeouts all of them
 * @param retries further endpoints to try before the client got anything, 0 to 10
 * @param access which client addresses may pass
 * @param requestHeaders edits on the way upstream
 * @param responseHeaders edits on the way to the client
 * @param closing how a polite Close is done
 * @param ping Pings of the proxy's own; null: none
 * @param limits of connections and messages; null: none
 * @param draining when tunnels are closed because of a change, and how fast; null: {@link
 *     Draining#DEFAULT}
 * @param encodedSlashes what {@code %2F} and {@code %5C} in a path get; null: they pass
 */
public record Policy(
    UpgradeMode upgrade,
    InsecureMode insecure,
    List<String> origins,
    List<String> subprotocols,
    Timeouts timeouts,
    int retries,
    Access access,
    HeaderEdits requestHeaders,
    HeaderEdits responseHeaders,
    Closing closing,
    @Nullable Ping ping,
    @Nullable Limits limits,
    @Nullable Draining draining,
    @Nullable EncodedSlashes encodedSlashes) {

  /** What a location without any policy gets, on a host without TLS. */
  public static final Policy DEFAULT =
      new Policy(
          UpgradeMode.ALLOW,
          InsecureMode.ALLOW,
          List.of(),
          List.of(),
          Timeouts.DEFAULT,
          2,
          Access.ANY,
          HeaderEdits.NONE,
          HeaderEdits.NONE,
          Closing.DEFAULT,
          null,
          null,
          null,
          null);

  public Policy {
    origins = List.copyOf(origins);
    subprotocols = List.copyOf(subprotocols);
    // One form for what means the same: it decides whether there is anything to push.
    limits = Limits.NONE.equals(limits) ? null : limits;
    draining = Draining.DEFAULT.equals(draining) ? null : draining;
    encodedSlashes = encodedSlashes == EncodedSlashes.ALLOW ? null : encodedSlashes;
  }

  /** The same, but for what requests in the clear get. */
  public Policy withInsecure(InsecureMode mode) {
    return mode == insecure
        ? this
        : new Policy(
            upgrade,
            mode,
            origins,
            subprotocols,
            timeouts,
            retries,
            access,
            requestHeaders,
            responseHeaders,
            closing,
            ping,
            limits,
            draining,
            encodedSlashes);
  }

  /** All limits, those that are off too. */
  public Limits limitsOrNone() {
    return limits == null ? Limits.NONE : limits;
  }

  /** When and how fast tunnels are closed because of a change. */
  public Draining drainingOrDefault() {
    return draining == null ? Draining.DEFAULT : draining;
  }

  /** What encoded slashes and backslashes in a path get. */
  public EncodedSlashes encodedSlashesOrDefault() {
    return encodedSlashes == null ? EncodedSlashes.ALLOW : encodedSlashes;
  }

  /** What encoded slashes and backslashes in a path get. */
  public enum EncodedSlashes {
    /** They pass unchanged, as characters of their element; 400 where they'd make a dot segment. */
    ALLOW,
    /** 400. */
    REJECT
  }

  /** Which requests may pass. */
  public enum UpgradeMode {
    /** WebSocket and plain HTTP. */
    ALLOW,
    /** WebSocket only; plain HTTP gets 426. */
    REQUIRE,
    /** Plain HTTP only; upgrades get 403. */
    DENY
  }

  /** What requests in the clear get. */
  public enum InsecureMode {
    /** The same as over TLS; always so on a host that nobody wants TLS for. */
    ALLOW,
    /** 308 to https; upgrades get 403, for what they carry would have been sent already. */
    REDIRECT
  }

  /**
   * Bounds in time. {@link Duration#ZERO} turns one off.
   *
   * @param connect TCP connect to an endpoint
   * @param handshake from the upgrade request to the verified 101
   * @param idle no byte in either direction
   * @param maxLifetime of a tunnel, ±10 %
   * @param response plain HTTP, until the response headers
   * @param writeStall a peer that takes no byte while some are waiting
   */
  public record Timeouts(
      Duration connect,
      Duration handshake,
      Duration idle,
      Duration maxLifetime,
      Duration response,
      Duration writeStall) {
    /** The defaults of the API. */
    public static final Timeouts DEFAULT =
        new Timeouts(
            Duration.ofSeconds(5),
            Duration.ofSeconds(10),
            Duration.ofHours(1),
            Duration.ZERO,
            Duration.ofSeconds(60),
            Duration.ofSeconds(60));
  }

  /**
   * Which client addresses may pass, after trusted proxies. Deny beats allow.
   *
   * @param allow empty: everybody who is not denied
   * @param deny always refused
   */
  public record Access(List<Cidr> allow, List<Cidr> deny) {
    /** Everybody. */
    public static final Access ANY = new Access(List.of(), List.of());

    public Access {
      allow = List.copyOf(allow);
      deny = List.copyOf(deny);
    }
  }

  /**
   * Edits of a header block; {@code remove} first, then {@code set}.
   *
   * @param set replaces all values of a name
   * @param remove lower-case names
   */
  public record HeaderEdits(List<Header> set, List<String> remove) {
    /** No edits. */
    public static final HeaderEdits NONE = new HeaderEdits(List.of(), List.of());

    public HeaderEdits {
      set = List.copyOf(set);
      remove = List.copyOf(remove);
    }

    /** Whether a value among them is secret. */
    public boolean holdSecret() {
      return set.stream().anyMatch(header -> header.secret() != null);
    }

    /** Whether a value among them is secret, or called like something that should be. */
    public boolean holdCredential() {
      return set.stream().anyMatch(Header::isCredential);
    }
  }

  /**
   * A header to set, to exactly one of the two.
   *
   * @param name a token (RFC 9110 §5.6.2)
   * @param value without control bytes; null: it is secret
   * @param secret a value that is shown and kept nowhere; null: it isn't
   */
  public record Header(String name, @Nullable String value, @Nullable Secret secret) {
    static final String REDACTED = "[redacted]";

    /** Names of which a value lets in whoever has it: at their end, or whole. */
    private static final Pattern CREDENTIAL =
        Pattern.compile(
            "(.*[-_.])?(authorization|cookie|token|secret|passwd|password|credentials?|jwt"
                + "|(api|access|account|auth|functions|private|secret|subscription)[-_.]?key)",
            Pattern.CASE_INSENSITIVE);

    /**
     * Checks that there is one value.
     *
     * @throws IllegalArgumentException if there is none, or another
     */
    public Header {
      if ((value == null) == (secret == null)) {
        throw new IllegalArgumentException("a header has exactly one of value and secret");
      }
    }

    /** One whose value stands in a manifest. */
    public Header(String name, String value) {
      this(name, value, null);
    }

    /** One whose value was kept from sight. */
    public static Header secret(String name, Secret secret) {
      return new Header(name, null, secret);
    }

    /** The value, whichever it is; never to be logged, or put where it could be. */
    public String reveal() {
      return secret == null ? Objects.requireNonNull(value) : secret.reveal();
    }

    /** Whether it is secret, or is called like something that should be. */
    public boolean isCredential() {
      return secret != null || CREDENTIAL.matcher(name).matches();
    }

    /** Without the value, which may be a credential. */
    @Override
    public String toString() {
      return name + ": " + REDACTED;
    }
  }

  /**
   * How a tunnel is closed politely.
   *
   * @param deadline from our Close until the connection is closed anyway
   * @param closeCode what the client is sent, 1000 to 4999 as far as RFC 6455 §7.4 lets an endpoint
   *     send it
   */
  public record Closing(Duration deadline, int closeCode) {
    /** The defaults of the API: 5 s, 1012 Service Restart. */
    public static final Closing DEFAULT = new Closing(Duration.ofSeconds(5), 1012);
  }

  /**
   * Pings of the proxy's own, which keep a tunnel alive and find a dead peer.
   *
   * @param interval without a byte from a peer until it gets a Ping; above zero
   * @param timeout from that Ping until a peer that still says nothing counts as gone; above zero
   * @param towards who gets Pings
   */
  public record Ping(Duration interval, Duration timeout, Towards towards) {
    /** Whether clients get Pings. */
    public boolean towardsClient() {
      return towards != Towards.UPSTREAM;
    }

    /** Whether upstreams get Pings. */
    public boolean towardsUpstream() {
      return towards != Towards.CLIENT;
    }
  }

  /** Which peers of a tunnel. */
  public enum Towards {
    CLIENT,
    UPSTREAM,
    BOTH
  }

  /**
   * Limits; 0 turns one off. A client is an address behind trusted proxies, of IPv6 a /64.
   *
   * @param connections open tunnels of the location over all data planes, of which each takes its
   *     share
   * @param connectionsPerClient open tunnels of one client at the location, on one data plane
   * @param handshakesPerSecondPerClient handshakes of one client at the location, on one data plane
   * @param handshakesBurst how many of them may come at once; at least 1 where there is a rate
   * @param messageBytes largest message on the wire, in either direction
   * @param messagesPerSecond messages of one client's connection
   * @param messagesBurst how many of them may come at once; at least 1 where there is a rate
   */
  public record Limits(
      int connections,
      int connectionsPerClient,
      int handshakesPerSecondPerClient,
      int handshakesBurst,
      long messageBytes,
      int messagesPerSecond,
      int messagesBurst) {
    /** Everything is off. */
    public static final Limits NONE = new Limits(0, 0, 0, 0, 0, 0, 0);
  }

  /**
   * When tunnels are closed because of a change of configuration or endpoints.
   *
   * @param window over which those of one change are spread
   * @param onRemoval when their rule goes, and no other serves the same host and path
   * @param onPolicyChange when the rule's new policy would not admit them any more
   */
  public record Draining(Duration window, OnChange onRemoval, OnChange onPolicyChange) {
    /** The defaults of the API: 20 s, and only endpoints that leave end a tunnel. */
    public static final Draining DEFAULT =
        new Draining(Duration.ofSeconds(20), OnChange.KEEP, OnChange.KEEP);
  }

  /** What a change does to open tunnels. */
  public enum OnChange {
    KEEP,
    CLOSE
  }
}
