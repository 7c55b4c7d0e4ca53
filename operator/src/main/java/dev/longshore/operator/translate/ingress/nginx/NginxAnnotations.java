package dev.longshore.operator.translate.ingress.nginx;

import dev.longshore.api.v1alpha1.Upstream;
import dev.longshore.operator.translate.policy.PolicyAnnotations;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an Ingress says by those annotations of ingress-nginx that are served, read as ingress-nginx
 * reads them ({@code internal/ingress/annotations}).
 */
public final class NginxAnnotations {
  /** Of ingress-nginx. */
  public static final String PREFIX = "nginx.ingress.kubernetes.io/";

  /** Their families, in the order in which people look for them. */
  public static final List<String> FAMILIES =
      List.of(
          "time-outs",
          "balancing",
          "canary",
          "access",
          "auth",
          "cors",
          "routing",
          "backend",
          "body",
          "tls",
          "observability");

  private static final String INC = "nginx.org/";

  private static final List<String> ALLOW =
      List.of("allowlist-source-range", "whitelist-source-range");
  private static final Set<String> FALSE = Set.of("0", "f", "F", "false", "FALSE", "False", "");

  private static final Pattern CLIENTS_HOST =
      Pattern.compile("\\$(host|http_host|best_http_host|\\{(host|http_host|best_http_host)})");

  private static final String WWW = "www.";
  private static final int LONGEST_LIST = 16 * 1024;

  private final Map<String, String> annotations;
  private final String namespace;

  /** Of all annotations of an Ingress, and the namespace that it is in. */
  public NginxAnnotations(@Nullable Map<String, String> annotations, String namespace) {
    this.namespace = namespace;
    this.annotations = annotations == null ? Map.of() : new HashMap<>(annotations);
  }

  /** A second Ingress for some of the requests of another one. */
  public boolean isCanary() {
    return isOn("canary");
  }

  /** Whether paths are regular expressions. */
  public boolean isRegex() {
    return isOn("use-regex");
  }

  /** What the path becomes; null: it stays. */
  public @Nullable String rewriteTarget() {
    String target = nginx("rewrite-target");
    return target == null || target.isBlank() || hasOurs("rewrite-path") ? null : target.strip();
  }

  /** The Host that backends are told; null: the client's, which nginx has in variables. */
  public @Nullable String vhost() {
    String host = nginx("upstream-vhost");
    return host == null
            || host.isBlank()
            || CLIENTS_HOST.matcher(host.strip()).matches()
            || hasOurs("rewrite-host")
        ? null
        : host.strip();
  }

  /** Whether endpoints are spoken to over TLS. */
  public boolean isSecure() {
    String ours = ours();
    Upstream.Protocol theirs = spoken();
    return ours == null
        ? theirs == Upstream.Protocol.WSS || theirs == Upstream.Protocol.H2
        : ours.strip().equals("wss") || ours.strip().equals("h2");
  }

  /** Whether anything but HTTP/1.1 in the clear may be spoken with endpoints. */
  public boolean isUnplain() {
    return ours() != null || spoken() != null;
  }

  /** What is spoken with endpoints; null: it doesn't say, or an annotation of ours does. */
  public Upstream.@Nullable Protocol spoken() {
    if (ours() != null) {
      return null;
    }
    return switch (protocol()) {
      case "HTTPS" -> Upstream.Protocol.WSS;
      case "GRPC" -> Upstream.Protocol.H2C;
      case "GRPCS" -> Upstream.Protocol.H2;
      default -> isOn("secure-backends") ? Upstream.Protocol.WSS : null;
    };
  }

  private @Nullable String ours() {
    return annotations.get(PolicyAnnotations.PREFIX + "backend-protocol");
  }

  /** The Secret whose certificates endpoints are verified by; null: the system's are. */
  public @Nullable String sslSecret() {
    String secret = nginx("proxy-ssl-secret");
    return secret == null || secret.isBlank() ? null : secret.strip();
  }

  /** The name in endpoints' certificates; null: as without the annotation. */
  public @Nullable String sslName() {
    String name = nginx("proxy-ssl-name");
    return name == null || name.isBlank() ? null : name.strip();
  }

  /** The field path of an annotation. */
  public static String path(String key) {
    return "metadata.annotations[" + key + "]";
  }

  /** The field path of an annotation of ingress-nginx. */
  public static String nginxPath(String name) {
    return path(PREFIX + name);
  }

  /**
   * The other name of a host, with or without {@code www.}, which is sent to it; null: it has none,
   * or nobody asks for it.
   */
  public @Nullable String otherName(String host) {
    if (!isOn("from-to-www-redirect") || host.startsWith("*") || host.indexOf('.') < 0) {
      return null;
    }
    return host.startsWith(WWW) ? host.substring(WWW.length()) : WWW + host;
  }

  /** The namespace of the Ingress: what annotations name has to be of it. */
  String namespace() {
    return namespace;
  }

  String allowName() {
    return ALLOW.stream().filter(name -> nginx(name) != null).findFirst().orElse(ALLOW.getLast());
  }

  private String protocol() {
    String value = nginx("backend-protocol");
    return value == null ? "" : value.strip().toUpperCase(Locale.ROOT);
  }

  /** Whether requests in the clear are redirected even where no TLS is asked for. */
  public boolean isForced() {
    return !hasOurs("insecure")
        && (isOn("force-ssl-redirect") || !isFalse(annotations.get(INC + "redirect-to-https")));
  }

  /** Further names of the hosts of all rules. */
  public List<String> aliases() {
    String value = nginx("server-alias");
    return value == null || value.length() > LONGEST_LIST
        ? List.of()
        : Arrays.stream(value.split("[,\\s]+", -1)).filter(name -> !name.isEmpty()).toList();
  }

  /** Its value under either prefix that people mix; null: it isn't there. */
  @Nullable String written(String name) {
    String value = nginx(name);
    return value == null ? annotations.get(INC + name) : value;
  }

  /** Its value under the prefix of NGINX Inc; null: it isn't there. */
  @Nullable String inc(String name) {
    return annotations.get(INC + name);
  }

  /** Whether it is there, and not empty, under either prefix. */
  boolean isWritten(String name) {
    String value = written(name);
    return value != null && !value.isBlank();
  }

  /** Whether a switch is on. */
  boolean isOn(String name) {
    String value = nginx(name);
    return value != null && !isFalse(value);
  }

  /** As Go's strconv.ParseBool. */
  public static boolean isFalse(@Nullable String value) {
    return value == null || FALSE.contains(value.strip());
  }

  /** Its value as it is written; null: it isn't there. */
  public @Nullable String nginx(String name) {
    return annotations.get(PREFIX + name);
  }

  /** Whether an annotation of Longshore's own is there. */
  public boolean hasOurs(String name) {
    return annotations.containsKey(PolicyAnnotations.PREFIX + name);
  }
}
