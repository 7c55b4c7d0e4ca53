package dev.longshore.operator.translate.ingress;

import dev.longshore.contract.RuleKey;
import dev.longshore.operator.translate.claim.HostClaim;
import dev.longshore.operator.translate.field.Hosts;
import dev.longshore.operator.translate.ingress.nginx.NginxAnnotations;
import dev.longshore.operator.translate.tls.TlsReader;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Reason;
import io.fabric8.kubernetes.api.model.networking.v1.IngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.IngressTLS;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The hosts of one Ingress: those of its rules, their further names, and which get TLS. */
final class IngressHosts {
  static final String ALIAS = "server-alias";
  private static final int MOST_ALIASES = 32;

  private final Map<String, HostClaim> hosts = new LinkedHashMap<>();
  private final List<@Nullable HostClaim> ofRules = new ArrayList<>();
  private final List<HostClaim> aliases;
  private final Problems found;
  private final Problems whole;

  /**
   * Of rules.
   *
   * @param found hears what is wrong with a host by itself
   * @param whole hears what concerns every rule
   */
  IngressHosts(List<IngressRule> rules, NginxAnnotations nginx, Problems found, Problems whole) {
    this.found = found;
    this.whole = whole;
    for (int i = 0; i < rules.size(); i++) {
      HostClaim host = host(rules.get(i).getHost(), "spec.rules[" + i + "].host");
      ofRules.add(host);
      if (host != null) {
        hosts.putIfAbsent(host.host(), host);
      }
    }
    this.aliases = readAliases(nginx);
    aliases.forEach(alias -> hosts.put(alias.host(), alias));
  }

  /** The host of a rule; null: it can't be told which it is. */
  @Nullable HostClaim ofRule(int index) {
    return ofRules.get(index);
  }

  /** Further names of all of them. */
  List<HostClaim> aliases() {
    return aliases;
  }

  /** One more that gets TLS with them. */
  void add(HostClaim host) {
    hosts.put(host.host(), host);
  }

  /** All of them by name, further names too. */
  Map<String, HostClaim> all() {
    return Collections.unmodifiableMap(hosts);
  }

  private @Nullable HostClaim host(@Nullable String text, String path) {
    if (text == null || text.isEmpty()) {
      return new HostClaim(RuleKey.ANY_HOST, path, null);
    }
    Problems problems = new Problems();
    String host = problems.parse(path, () -> Hosts.parse(text));
    String meant = host == null ? Hosts.meant(text) : host;
    found.addAll(problems);
    return meant == null ? null : new HostClaim(meant, path, problems.firstFault());
  }

  /** Further names of the hosts that rules have; a host that a rule names needs none. */
  private List<HostClaim> readAliases(NginxAnnotations nginx) {
    Map<String, HostClaim> aliases = new LinkedHashMap<>();
    String at = NginxAnnotations.nginxPath(ALIAS);
    List<String> named = nginx.aliases();
    if (named.size() > MOST_ALIASES) {
      whole.warn(
          Reason.INVALID_ANNOTATION,
          at,
          "names " + named.size() + " hosts, of which the first " + MOST_ALIASES + " are served");
    }
    for (String name : named.subList(0, Math.min(named.size(), MOST_ALIASES))) {
      try {
        String host = Hosts.parse(name);
        if (!hosts.containsKey(host)) {
          aliases.putIfAbsent(host, new HostClaim(host, at, null));
        }
      } catch (IllegalArgumentException e) {
        whole.warn(Reason.INVALID_ANNOTATION, at, "is not served of all: " + e.getMessage());
      }
    }
    return List.copyOf(aliases.values());
  }

  /** Reads for which of them there is to be TLS, and with which certificates. */
  void readTls(List<IngressTLS> entries, TlsReader tls) {
    List<HostClaim> all = List.copyOf(hosts.values());
    for (int i = 0; i < entries.size(); i++) {
      String path = "spec.tls[" + i + "]";
      List<HostClaim> meant = new ArrayList<>();
      List<String> named = named(entries.get(i));
      for (int j = 0; j < named.size(); j++) {
        HostClaim host = host(named.get(j), path + ".hosts[" + j + "]");
        if (host != null) {
          meant.add(host);
        }
      }
      String secretName = entries.get(i).getSecretName();
      if (secretName == null || secretName.isEmpty()) {
        tls.byDefault(named.isEmpty() ? all : meant, path);
      } else {
        tls.read(named.isEmpty() ? all : meant, secretName, path);
      }
    }
  }

  private static List<String> named(IngressTLS entry) {
    return entry.getHosts() == null
        ? List.of()
        : entry.getHosts().stream().filter(Objects::nonNull).toList();
  }
}
