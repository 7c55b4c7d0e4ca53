package dev.longshore.contract.policy;

import dev.longshore.contract.Field;
import java.time.Duration;
import java.util.List;

/**
 * Whose pages may read answers, and what they may ask for (the CORS protocol of the Fetch
 * Standard). The data plane answers preflights itself, and replaces what upstreams say.
 *
 * @param origins such as {@code https://*.example.com}, or {@code *} alone: every one; empty: the
 *     location leaves CORS to its upstream
 * @param methods that may be asked for, or {@code *} alone
 * @param headers that requests may carry, or {@code *} alone
 * @param exposedHeaders that pages may read of answers, or {@code *} alone
 * @param credentials whether pages may use what the browser knows of the visitor; never beside a
 *     {@code *}
 * @param maxAge how long a browser may remember a preflight's answer
 */
public record Cors(
    List<String> origins,
    List<String> methods,
    List<String> headers,
    List<String> exposedHeaders,
    boolean credentials,
    Duration maxAge)
    implements PolicyPart {
  /** Stands for all. */
  public static final String ALL = "*";

  /** CORS is left to the upstream. */
  public static final Cors NONE =
      new Cors(List.of(), List.of(), List.of(), List.of(), false, Duration.ZERO);

  private static final int MOST_ORIGINS = 128;
  private static final int MOST_NAMES = 64;

  public Cors {
    origins = List.copyOf(origins);
    methods = List.copyOf(methods);
    headers = List.copyOf(headers);
    exposedHeaders = List.copyOf(exposedHeaders);
  }

  @Override
  public void check(Field at) {
    Field ofOrigins = at.at("origins");
    ofOrigins.atMost(origins, MOST_ORIGINS);
    if (origins.isEmpty()) {
      ofOrigins.wrong("is empty; without origins there is nothing else to say");
    }
    for (int i = 0; i < origins.size(); i++) {
      if (!origins.get(i).equals(ALL)) {
        ofOrigins.at(i).origin(origins.get(i));
      }
    }
    all(origins, ofOrigins);
    names(methods, at.at("methods"));
    names(headers, at.at("headers"));
    names(exposedHeaders, at.at("exposedHeaders"));
    at.at("maxAge").duration(maxAge);
  }

  private void names(List<String> names, Field at) {
    at.atMost(names, MOST_NAMES);
    for (int i = 0; i < names.size(); i++) {
      at.at(i).token(names.get(i));
    }
    all(names, at);
  }

  /** With credentials it would let every page act for the visitor, or mean a name that is none. */
  private void all(List<String> list, Field at) {
    if (list.contains(ALL) && (credentials || list.size() > 1)) {
      at.wrong(
          credentials
              ? "holds * beside credentials; each has to be named"
              : "holds * beside others; it stands for all");
    }
  }
}
