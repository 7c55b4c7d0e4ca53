package dev.longshore.operator.translate.ingress.nginx;

import dev.longshore.api.v1alpha1.Upstream;
import dev.longshore.api.v1alpha1.Upstream.Affinity;
import dev.longshore.api.v1alpha1.Upstream.Cookie;
import dev.longshore.api.v1alpha1.Upstream.HashOn;
import dev.longshore.api.v1alpha1.Upstream.HashSource;
import dev.longshore.api.v1alpha1.Upstream.LoadBalancing;
import dev.longshore.api.v1alpha1.Upstream.LoadBalancingPolicy;
import dev.longshore.api.v1alpha1.Upstream.SameSite;
import dev.longshore.contract.Durations;
import dev.longshore.operator.translate.field.Names;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which endpoint a request goes to. A cookie goes before a hash, and that before what balances
 * ({@code createBackend} of ingress-nginx): here likewise, for a client without a cookie.
 */
final class Balancing implements Family {
  private static final Pattern VARIABLE =
      Pattern.compile(
          "\\$\\{?(remote_addr|binary_remote_addr|(http|cookie|arg)_([a-zA-Z0-9_]+))}?");
  private static final Pattern PATH = Pattern.compile("/[\\x21-\\x3A\\x3C-\\x7E]{0,1023}");

  private static final String HASHES =
      "a header, cookie, query parameter or the client's address can be hashed: $http_x_user,"
          + " $cookie_name, $arg_room, $remote_addr";

  private final NginxAnnotations nginx;

  Balancing(NginxAnnotations nginx) {
    this.nginx = nginx;
  }

  @Override
  public void judge(String name, String value, String at, Served served, Problems found) {
    switch (name) {
      case "load-balance" -> balance(value, at, served, found);
      case "lb-method" -> method(value, at, served, found);
      case "upstream-hash-by" -> hash(value, at, served, found);
      case "affinity" -> affinity(value, at, served, found);
      case "affinity-canary-behavior" -> canary(value, at, found);
      case "session-cookie-name" -> part(at, found, cookieName() != null, "is not a cookie's name");
      case "session-cookie-path" ->
          part(at, found, PATH.matcher(value).matches(), "is no absolute path without blanks");
      case "session-cookie-expires", "session-cookie-max-age" ->
          part(at, found, time(value) != null, "is not a time of whole seconds");
      case "session-cookie-samesite" ->
          part(at, found, sameSite(value) != null, "is none of Strict, Lax and None");
      case "session-cookie-domain" ->
          found.warn(
              Reason.NOT_SUPPORTED, at, "is not served: the cookie is of the host alone, as set");
      default -> throw new IllegalStateException("nobody reads " + name);
    }
  }

  private static void balance(String value, String at, Served served, Problems found) {
    switch (value) {
      case "round_robin" ->
          chosen(LoadBalancingPolicy.ROUND_ROBIN, "RoundRobin", at, served, found);
      case "ewma", "least_conn" ->
          chosen(LoadBalancingPolicy.LEAST_CONNECTIONS, "LeastConnections", at, served, found);
      case "ip_hash" ->
          hashed(new HashOn(HashSource.CLIENT_IP, null), "ClientIP", at, served, found);
      case "" -> {}
      default ->
          found.warn(
              Reason.NOT_SUPPORTED,
              at,
              Quote.of(value)
                  + " is none of its values, round_robin and ewma: write longshore.dev/"
                  + "load-balancing, LeastConnections, RoundRobin, Random or ConsistentHash");
    }
  }

  /** NGINX Inc's name of it. */
  private void method(String value, String at, Served served, Problems found) {
    String[] words = value.split("\\s+", 3);
    switch (words[0]) {
      case "hash" -> hash(words.length < 2 ? "" : words[1], at, served, found);
      case "random" -> chosen(LoadBalancingPolicy.RANDOM, "Random", at, served, found);
      default -> balance(words[0], at, served, found);
    }
  }

  private static void chosen(
      LoadBalancingPolicy policy, String label, String at, Served served, Problems found) {
    served.balancing(new LoadBalancing(policy, null, null));
    served.same(at, Map.of("load-balancing", label));
    Served.translated(found, at, "longshore.dev/load-balancing: " + label);
  }

  private static void hash(String value, String at, Served served, Problems found) {
    Matcher variable = VARIABLE.matcher(value);
    if (!variable.matches() || value.length() > 128) {
      found.warn(
          Reason.NOT_SUPPORTED,
          at,
          Quote.of(value) + " is not served, and connections go by load: " + HASHES);
      return;
    }
    String name = variable.group(3);
    switch (variable.group(2)) {
      case "http" -> {
        String header = name.replace('_', '-').toLowerCase(Locale.ROOT);
        hashed(new HashOn(HashSource.HEADER, header), "Header:" + header, at, served, found);
      }
      case "cookie" ->
          hashed(new HashOn(HashSource.COOKIE, name), "Cookie:" + name, at, served, found);
      case "arg" -> hashed(new HashOn(HashSource.QUERY, name), "Query:" + name, at, served, found);
      case null, default ->
          hashed(new HashOn(HashSource.CLIENT_IP, null), "ClientIP", at, served, found);
    }
  }

  private static void hashed(HashOn on, String label, String at, Served served, Problems found) {
    served.balancing(new LoadBalancing(LoadBalancingPolicy.CONSISTENT_HASH, on, null));
    served.same(at, Map.of("load-balancing", "ConsistentHash", "hash-on", label));
    Served.translated(
        found,
        at,
        "longshore.dev/load-balancing: ConsistentHash and longshore.dev/hash-on: " + label);
  }

  private void affinity(String value, String at, Served served, Problems found) {
    if (!value.equals("cookie")) {
      found.warn(
          Reason.NOT_SUPPORTED,
          at,
          Quote.of(value) + " is none of its values, and there is one:" + " cookie");
      return;
    }
    String name = cookieName() == null ? "INGRESSCOOKIE" : cookieName();
    String path = nginx.nginx("session-cookie-path");
    String age = nginx.nginx("session-cookie-max-age");
    String life = age == null ? nginx.nginx("session-cookie-expires") : age;
    String ttl = life == null ? null : time(life.strip());
    SameSite site = sameSite(nginx.nginx("session-cookie-samesite"));
    served.affinity(
        new Affinity(
            new Cookie(
                name,
                ttl,
                path == null || !PATH.matcher(path.strip()).matches() ? null : path.strip(),
                site)));
    Served.translated(
        found, at, "longshore.dev/affinity-cookie: " + name + (ttl == null ? "" : ", for " + ttl));
  }

  /** A canary's pool has the cookie that its own Ingress says, and the other one the other's. */
  private void canary(String value, String at, Problems found) {
    if (!nginx.isCanary()) {
      found.note(Reason.NO_EFFECT, at, "no effect: by itself, without canary, it does nothing");
    } else if (value.equals("legacy")) {
      found.warn(
          Reason.NOT_SUPPORTED,
          at,
          "legacy is not served: who has a cookie stays with the Ingress that gave it, unless a"
              + " header or cookie of canary-by-… decides");
    } else if (nginx.isWritten("affinity") || nginx.hasOurs("affinity-cookie")) {
      found.note(
          Reason.TRANSLATED,
          at,
          "is served: who has a cookie of the one stays there, and of the other there");
    } else {
      found.warn(
          Reason.NOT_SUPPORTED,
          at,
          "is not served: the cookie of the main Ingress is not given for the canary, so who comes"
              + " to it isn't kept there; write affinity: cookie, and the same session-cookie-name,"
              + " here as well");
    }
  }

  private void part(String at, Problems found, boolean good, String wrong) {
    if (nginx.nginx("affinity") == null) {
      found.note(Reason.NO_EFFECT, at, "no effect: by itself, without affinity, it does nothing");
    } else if (nginx.hasOurs("affinity-cookie")) {
      found.note(Reason.NO_EFFECT, at, "longshore.dev/affinity-cookie says it here");
    } else if (good) {
      found.note(Reason.TRANSLATED, at, "is served with affinity");
    } else {
      found.warn(Reason.NOT_SUPPORTED, at, wrong + "; the default holds");
    }
  }

  private @Nullable String cookieName() {
    String name = nginx.nginx("session-cookie-name");
    try {
      return name == null ? null : Names.token(name.strip());
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static @Nullable String time(String value) {
    try {
      return Durations.format(NginxTime.parse(value));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static Upstream.@Nullable SameSite sameSite(@Nullable String value) {
    return switch (value == null ? "" : value.strip().toLowerCase(Locale.ROOT)) {
      case "strict" -> SameSite.STRICT;
      case "lax" -> SameSite.LAX;
      case "none" -> SameSite.NONE;
      default -> null;
    };
  }
}
