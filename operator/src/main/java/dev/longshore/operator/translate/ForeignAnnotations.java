package dev.longshore.operator.translate;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds annotations of ingress-nginx and NGINX's own controller. None is dropped silently; where
 * one was there to keep somebody out, the rules are not served without it.
 */
final class ForeignAnnotations {
  private static final List<String> PREFIXES =
      List.of("nginx.ingress.kubernetes.io/", "nginx.org/", "nginx.com/");
  private static final Pattern SECURITY =
      Pattern.compile(
          "(whitelist|allowlist|denylist)-source-range|auth-.*|limit-.*|satisfy|.*modsecurity.*"
              + "|enable-owasp-core-rules|.*-snippets?|policies|jwt-.*|basic-auth-.*|oidc-.*"
              + "|proxy-ssl-.*|ssl-services");

  private ForeignAnnotations() {}

  static Problems judge(@Nullable Map<String, String> annotations) {
    Problems problems = new Problems();
    if (annotations == null) {
      return problems;
    }
    new TreeMap<>(annotations)
        .keySet()
        .forEach(
            key -> {
              for (String prefix : PREFIXES) {
                if (key.startsWith(prefix)) {
                  judge(key, key.substring(prefix.length()), problems);
                }
              }
            });
    return problems;
  }

  private static void judge(String key, String name, Problems problems) {
    String path = "metadata.annotations[" + key + "]";
    if (SECURITY.matcher(name).matches()) {
      problems.fault(
          Reason.UNSUPPORTED_VALUE,
          path,
          "is not supported, and without it the rules could let in more than they should, so they"
              + " answer 503: see the longshore.dev/ annotations allow, deny and origins");
    } else {
      problems.warn(
          Reason.NOT_SUPPORTED,
          path,
          "is another controller's and not supported: the rules go on without it");
    }
  }
}
