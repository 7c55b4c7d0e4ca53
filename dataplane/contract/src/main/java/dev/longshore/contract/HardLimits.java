package dev.longshore.contract;

/**
 * What anybody can make Longshore hold or compute, in one place: bounds that no configuration
 * lifts. Operator and data plane check the same ones, so that nothing that the one translates is
 * refused by the other. What happens at each bound, to whom, and which metric tells it, is in
 * docs/limits.md; a test holds that page against this class.
 *
 * <p>Bounds that users set are fields of {@link Settings}, {@link Policy} and {@link UpstreamPool}.
 */
public final class HardLimits {
  // ---- per rule

  /** Pools that one rule splits its traffic over. */
  public static final int BACKENDS_PER_RULE = 64;

  /** Groups of a pattern that a rewrite puts in, each as long as the path may be. */
  public static final int GROUPS_PER_REWRITE = 9;

  // ---- per connection

  /**
   * Control frames and small fragments of a client for each message that {@code messagesPerSecond}
   * and {@code messagesBurst} allow it.
   */
  public static final int FRAMES_PER_MESSAGE = 10;

  // ---- per client connection, while it speaks HTTP

  /**
   * What a client has to take of an answer that waits for it, and to send of a body that is waited
   * for, over a minute on average: a modem of 1990 is ten times as fast.
   */
  public static final int LEAST_BYTES_PER_SECOND = 16;

  // ---- per endpoint

  /**
   * Clients that are remembered to have seen an endpoint fail; that many eject it, whatever {@code
   * consecutiveFailures} is.
   */
  public static final int WITNESSES_PER_ENDPOINT = 16;

  // ---- computing

  /**
   * Steps that finding one request's rule may take: instructions of a pattern times the characters
   * that it reads. 4 ms at the worst.
   */
  public static final int MATCH_STEPS = 200_000;

  /** Rules of one path of a host with conditions on headers or the query. */
  public static final int CONDITIONAL_RULES_PER_PATH = 128;

  /**
   * Instructions of all patterns of one host, in paths and conditions, as far as can be told from
   * their text.
   */
  public static final int PATTERN_INSTRUCTIONS_PER_HOST = 16_384;

  // ---- how soon changes are taken

  /** Rules and endpoints that are translated and published in one piece. */
  public static final int CHANGES_AT_ONCE = 1000;

  /** Changed rules and endpoints of one namespace that are taken in a second. */
  public static final int CHANGES_PER_SECOND_OF_NAMESPACE = 10_000;

  /** Characters of one namespace's files that are read in a second while they go on changing. */
  public static final int FILE_CHARS_PER_SECOND_OF_NAMESPACE = 256 << 10;

  // ---- manifests in a folder

  /** Characters of one document; Kubernetes' own objects have a tenth of that at most. */
  public static final int MANIFEST_CHARS = 16 << 20;

  /** Keys and values of one document, aliases expanded. */
  public static final int MANIFEST_VALUES = 1_000_000;

  // ---- per certificate and key

  /** The shortest RSA key that is taken, in bits: shorter ones no client accepts. */
  public static final int RSA_KEY_BITS_LEAST = 2048;

  /** The longest, in bits: a signature by one of 8,192 keeps an event loop for 39 ms. */
  public static final int RSA_KEY_BITS = 4096;

  /** DER of one certificate. */
  public static final int CERTIFICATE_BYTES = 16_384;

  /** Certificates of a chain, the leaf among them. */
  public static final int CHAIN_CERTIFICATES = 10;

  /** Certificates that the endpoints of one upstream are verified by. */
  public static final int TRUSTED_CERTIFICATES = 512;

  /** Those of them that have the same subject: each may have to be tried. */
  public static final int TRUSTED_OF_ONE_NAME = 16;

  /** PEM of an upstream's trusted certificates together, in characters. */
  public static final int TRUSTED_CHARS = 262_144;

  // ---- per resource

  /** Different credentials of the upstreams of one route or Ingress together, in characters. */
  public static final int CREDENTIALS_PER_RESOURCE = 1_048_576;

  // ---- per namespace

  /** Closed rules of resources beyond the quota. */
  public static final int CLOSED_RULES_PER_NAMESPACE = 1000;

  // ---- per message

  /** Credentials written into pools, in a message to data planes that know no other way. */
  public static final int INLINE_CREDENTIALS = 33_554_432;

  // ---- probes of endpoints

  /** Between two probes of one endpoint; a pool that asks for less gets this, in milliseconds. */
  public static final int PROBE_INTERVAL_MILLIS = 1000;

  /** Probes that an event loop begins in a second. */
  public static final int PROBES_PER_SECOND = 500;

  /** Of these, probes of the pools of one namespace. */
  public static final int PROBES_PER_SECOND_OF_NAMESPACE = 125;

  /** Probes that an event loop has open at once. */
  public static final int PROBES_OPEN = 500;

  /** Of these, probes of the pools of one namespace. */
  public static final int PROBES_OPEN_OF_NAMESPACE = 125;

  /** For how many probes in a second one counts that needs a TLS handshake. */
  public static final int PROBE_COST_OF_TLS = 4;

  // ---- per operator

  /** ConfigMaps over which the record of whom hosts belong to is spread. */
  public static final int HOST_RECORD_PARTS = 16;

  /** Bytes of one of them. */
  public static final int HOST_RECORD_BYTES = 900_000;

  /** Bytes of one of them that the hosts of one namespace may take. */
  public static final int HOST_RECORD_BYTES_PER_NAMESPACE = 450_000;

  // ---- per request

  /** Times that a request may have come by before (RFC 8586); then it goes round in circles. */
  public static final int PASSES_PER_REQUEST = 8;

  /** Interim answers (RFC 9110 §15.2) of an upstream to one request. */
  public static final int INTERIM_ANSWERS = 64;

  /** Bytes of their header fields, all together. */
  public static final int INTERIM_ANSWER_BYTES = 65_536;

  // ---- per process

  /** Idle connections to endpoints, of all pools; each event loop has an equal part. */
  public static final int IDLE_UPSTREAM_CONNECTIONS = 4096;

  // ---- per process

  /** Entries that are held back because a data plane refused them. */
  public static final int HELD_ENTRIES = 4096;

  // ---- metrics and admin servers, of operator and data plane

  /** Connections to the metrics and admin ports of a process, all together. */
  public static final int ADMIN_CONNECTIONS = 256;

  /** Those of them that come from one address. */
  public static final int ADMIN_CONNECTIONS_PER_ADDRESS = 32;

  /** Seconds from a connection's begin to its first complete request. */
  public static final int ADMIN_REQUEST_SECONDS = 10;

  /** Seconds from an answer to the next complete request on the same connection. */
  public static final int ADMIN_IDLE_SECONDS = 60;

  /** Seconds in which an answer has to be taken. */
  public static final int ADMIN_ANSWER_SECONDS = 30;

  /** Bytes of answers that wait to be taken, all together, but for the newest answer. */
  public static final int ADMIN_ANSWER_BYTES = 32 << 20;

  /** Pages that wait to be made. */
  public static final int ADMIN_WAITING_PAGES = 64;

  /** Connections of one address to the push port that have not shown a data plane's token. */
  public static final int PUSH_PENDING_PER_ADDRESS = 32;

  /** Bytes, TLS included, that one of them may send. */
  public static final int PUSH_STRANGER_BYTES = 128 << 10;

  /** Seconds over which a body is held to {@link #LEAST_BYTES_PER_SECOND}; beyond: 408. */
  public static final int BODY_SECONDS = 60;

  /** Members of Connection, and offers of subprotocols and of extensions; beyond: 400. */
  public static final int LIST_MEMBERS = 100;

  /** Hops that are kept of what trusted proxies tell; earlier ones are left out. */
  public static final int FORWARDED_HOPS = 64;

  // ---- per client address

  /** Plain requests under way of one client, on one data plane; beyond: 429. */
  public static final int REQUESTS_PER_CLIENT = 1024;

  /** Services of type ExternalName that are resolved. */
  public static final int EXTERNAL_NAMES = 1000;

  /** Of these, Services of one namespace. */
  public static final int EXTERNAL_NAMES_PER_NAMESPACE = 100;

  /** Addresses of each family that a name stands for. */
  public static final int ADDRESSES_PER_EXTERNAL_NAME = 64;

  // ---- TLS handshakes

  /** What is looked at of a ClientHello, each byte as often as it is looked at again. */
  public static final int CLIENT_HELLO_LOOKS_BYTES = 4 << 20;

  /**
   * TLS handshakes that one client begins in a second, on one data plane; beyond: closed at once. A
   * third of what a core can do.
   */
  public static final int TLS_HANDSHAKES_PER_SECOND_PER_CLIENT = 500;

  /** As many seconds' handshakes may come at once, such as when all behind one NAT reconnect. */
  public static final int TLS_HANDSHAKES_BURST_SECONDS = 20;

  // ---- per data plane

  /** Entries that one data plane refuses and is served without. */
  public static final int REFUSALS_PER_DATA_PLANE = 256;

  /** Messages of one data plane to an operator, of which four times as many may come at once. */
  public static final int MESSAGES_PER_SECOND_PER_DATA_PLANE = 200;

  // ---- request heads on the heap

  /** What a request's head may take of the heap without being counted. */
  public static final int SHORT_HEAD_BYTES = 4096;

  /** All longer ones together may take a quarter of the heap. */
  public static final int HEADS_PART_OF_HEAP = 4;

  // ---- the access log

  /** Lines that wait for its reader. */
  public static final int ACCESS_LOG_ENTRIES = 16_384;

  /** What the texts of long ones among them take together. */
  public static final int ACCESS_LOG_BYTES = 16 * 1024 * 1024;

  // ---- certificates that endpoints show

  /** The longest RSA key in a chain that an endpoint shows, in bits; it is only verified by. */
  public static final int SHOWN_RSA_KEY_BITS = 8192;

  // ---- per answer

  /** Header and trailer fields of an upstream's answer, each interim one for itself. */
  public static final int ANSWER_FIELDS = 500;

  // ---- what the operator holds

  /** The heap divided by it is what the resources of all namespaces may take of it together. */
  public static final int HELD_PART_OF_HEAP = 2;

  /** The heap divided by it is what the resources of one namespace may take of it. */
  public static final int HELD_PART_OF_HEAP_OF_NAMESPACE = 3;

  /** Resources that a list of the API server brings at once: each may have 1.5 MB of text. */
  public static final int LISTED_AT_ONCE = 10;

  // ---- HTTP/2, per client connection

  /** Streams that a LongshoreConfig may allow a client. */
  public static final int HTTP2_STREAMS = 1000;

  /** What all streams of a connection may have sent that nobody has taken, in bytes. */
  public static final int HTTP2_CONNECTION_WINDOW = 16 << 20;

  /** Frames at once that move nothing: SETTINGS, PING, PRIORITY, WINDOW_UPDATE, unknown ones. */
  public static final int HTTP2_CONTROL_FRAMES = 2000;

  /** As many more of them in a second, and four for each frame that moves something. */
  public static final int HTTP2_CONTROL_FRAMES_PER_SECOND = 100;

  /** Acknowledgements and resets that wait to be taken. */
  public static final int HTTP2_QUEUED_CONTROL_FRAMES = 1000;

  /** DATA frames in a row that are empty. */
  public static final int HTTP2_EMPTY_FRAMES = 10;

  /** CONTINUATION frames of one header list with less than 8 KiB. */
  public static final int HTTP2_SMALL_CONTINUATIONS = 16;

  /** Streams that a client resets, or has us reset by breaking their rules. */
  public static final int HTTP2_RESETS = 200;

  /** Seconds over which these are counted. */
  public static final int HTTP2_RESETS_SECONDS = 30;

  // ---- listeners

  /** Listeners of a table, beside those of a data plane's flags. */
  public static final int LISTENERS = 64;

  /** Names that one of them serves. */
  public static final int HOSTS_PER_LISTENER = 256;

  // ---- HTTP/2 to endpoints

  /** Requests that a connection carries at a time; the endpoint may want fewer. */
  public static final int UPSTREAM_HTTP2_STREAMS = 100;

  /** Connections of an event loop to one endpoint. */
  public static final int UPSTREAM_HTTP2_CONNECTIONS = 256;

  /** Times that a request is sent again of which the endpoint says that it has not begun it. */
  public static final int UNSENT_REPEATS = 3;

  /** Bytes of a request's body that are kept for that, until its answer comes. */
  public static final int REPEATABLE_BODY_BYTES = 65_536;

  /** Frames at once that move nothing: SETTINGS, PING, PRIORITY, WINDOW_UPDATE, unknown ones. */
  public static final int UPSTREAM_HTTP2_IDLE_FRAMES = 2000;

  /** As many more of them in a second, and four for each frame that moves something. */
  public static final int UPSTREAM_HTTP2_IDLE_FRAMES_PER_SECOND = 100;

  /** Bytes that an endpoint doesn't take while it makes us say more: heads, and answers to PING. */
  public static final int UPSTREAM_HTTP2_UNTAKEN_BYTES = 8_388_608;

  /** DATA frames of an endpoint in a row that are empty. */
  public static final int UPSTREAM_HTTP2_EMPTY_FRAMES = 10;

  /** CONTINUATION frames of one header list of an endpoint with less than 8 KiB. */
  public static final int UPSTREAM_HTTP2_SMALL_CONTINUATIONS = 16;

  // ---- answers of rules

  /** Bytes of the body that a rule answers without asking an upstream. */
  public static final int FIXED_ANSWER_BYTES = 65_536;

  // ---- external authorization, per event loop

  /** Bytes of what a service is told of a request; kept of tunnels that are asked about again. */
  public static final int EXTERNAL_AUTH_HEAD_BYTES = 16_384;

  /** Questions that wait for an answer. */
  public static final int EXTERNAL_AUTH_OPEN = 1000;

  /** Of these, questions to one service. */
  public static final int EXTERNAL_AUTH_OPEN_OF_SERVICE = 250;

  /** Answers that are kept, in a process; each event loop has an equal part. */
  public static final int EXTERNAL_AUTH_CACHED = 65_536;

  private HardLimits() {}

  /** Of a set of keys that tokens are verified with, in bytes; a larger one closes the rule. */
  public static final int JWKS_BYTES = 64 * 1024;

  /** Of a token that a request carries, in characters; a longer one is 401. */
  public static final int TOKEN_CHARS = 8 * 1024;

  /** Verified tokens that a policy remembers, by a keyed hash; others are verified again. */
  public static final int TOKENS_REMEMBERED = 4096;

  /** Of the users that a policy may name with their hashes, in bytes; more closes the rule. */
  public static final int HTPASSWD_BYTES = 64 * 1024;

  /** Passwords that wait for being checked, in a process; one more is 429. */
  public static final int PASSWORDS_WAITING = 64;

  /** Of these, those of one client's network; one more is 429. */
  public static final int PASSWORDS_WAITING_OF_CLIENT = 4;

  /** Passwords that a policy remembers as right, by a keyed hash; others are checked again. */
  public static final int PASSWORDS_REMEMBERED = 1024;
}
