package dev.longshore.operator.translate.config;

import dev.longshore.api.v1alpha1.LongshoreConfigSpec;
import dev.longshore.api.v1alpha1.LongshoreConfigSpec.ListenerTls;
import dev.longshore.api.v1alpha1.LongshoreConfigSpec.ProxyProtocol;
import dev.longshore.contract.Cidr;
import dev.longshore.contract.HardLimits;
import dev.longshore.contract.Listener;
import dev.longshore.contract.Listener.Protocol;
import dev.longshore.contract.Listener.TlsVersions;
import dev.longshore.contract.PersistentMap;
import dev.longshore.contract.Settings;
import dev.longshore.contract.Settings.TlsVersion;
import dev.longshore.contract.SnapshotError;
import dev.longshore.contract.SnapshotValidator;
import dev.longshore.operator.translate.field.Addresses;
import dev.longshore.operator.translate.field.Cidrs;
import dev.longshore.operator.translate.field.Hosts;
import dev.longshore.operator.translate.field.Names;
import dev.longshore.operator.translate.tls.TlsVersionReader;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads the listeners of a LongshoreConfig. One that isn't right in all of its fields is not
 * opened: what its mistake was to keep out would come in. The others are.
 */
final class ListenersReader {
  private final LongshoreConfigSpec spec;
  private final Settings settings;
  private final Problems problems;
  private final List<Listener> read = new ArrayList<>();

  /** Reads with the {@code settings} of the same specification. */
  ListenersReader(LongshoreConfigSpec spec, Settings settings, Problems problems) {
    this.spec = spec;
    this.settings = settings;
    this.problems = problems;
  }

  /** Those that are right, by name. */
  PersistentMap<String, Listener> read() {
    List<LongshoreConfigSpec.Listener> listed =
        Objects.requireNonNullElse(spec.listeners(), List.of());
    if (listed.size() > HardLimits.LISTENERS) {
      problems.fault(
          Reason.INVALID,
          "spec.listeners",
          "has " + listed.size() + " items, of which the first " + HardLimits.LISTENERS + " count");
    }
    PersistentMap<String, Listener> listeners = PersistentMap.empty();
    for (int i = 0; i < Math.min(HardLimits.LISTENERS, listed.size()); i++) {
      Listener listener = listener(listed.get(i), "spec.listeners[" + i + "]");
      if (listener != null) {
        read.add(listener);
        listeners = listeners.with(listener.name(), listener);
      }
    }
    return listeners;
  }

  private @Nullable Listener listener(LongshoreConfigSpec.Listener given, String path) {
    Problems found = new Problems();
    String name =
        found.parse(
            path + ".name", () -> Names.label(Objects.requireNonNullElse(given.name(), "")));
    int port = port(given.port(), path + ".port", found);
    Protocol protocol = protocol(given.protocol(), path + ".protocol", found);
    String address = address(given.address(), path + ".address", found);
    List<String> hosts = hosts(given.hosts(), path + ".hosts", found);
    TlsVersions tls = given.tls() == null ? null : tls(given.tls(), path + ".tls", found);
    if (tls != null && protocol == Protocol.HTTP) {
      found.fault(Reason.INVALID, path + ".tls", "is for protocol: HTTPS");
    }
    List<Cidr> balancers = balancers(given, path, found);
    Listener listener =
        found.hasFault() || name == null
            ? null
            : new Listener(name, address, port, protocol, hosts, tls, balancers);
    if (listener != null) {
      judge(listener, path, found);
      if (port < Listener.FIRST_UNPRIVILEGED) {
        found.warn(
            Reason.PRIVILEGED_PORT,
            path + ".port",
            "is "
                + port
                + ": data planes have no capabilities, so they listen below 1024 only where the"
                + " pod's net.ipv4.ip_unprivileged_port_start allows it; take a port from 1024 on,"
                + " and let the Service map to it");
      }
    }
    problems.addAll(found);
    return found.hasFault() ? null : listener;
  }

  private static @Nullable String address(@Nullable String text, String path, Problems found) {
    return text == null ? null : found.parse(path, () -> Addresses.literal(text).getHostAddress());
  }

  private static int port(@Nullable Integer port, String path, Problems found) {
    if (port == null || port < 1 || port > 65_535) {
      found.fault(
          Reason.INVALID, path, (port == null ? "is missing" : port + " is none") + ": 1 to 65535");
      return 0;
    }
    return port;
  }

  private static Protocol protocol(
      LongshoreConfigSpec.@Nullable ListenerProtocol protocol, String path, Problems found) {
    return switch (protocol) {
      case null -> {
        found.fault(Reason.INVALID, path, "is missing: HTTP or HTTPS");
        yield Protocol.HTTP;
      }
      case HTTP -> Protocol.HTTP;
      case HTTPS -> Protocol.HTTPS;
    };
  }

  private static List<String> hosts(@Nullable List<String> given, String path, Problems found) {
    List<String> listed = given == null ? List.of() : given;
    if (listed.size() > HardLimits.HOSTS_PER_LISTENER) {
      found.fault(
          Reason.INVALID,
          path,
          "has " + listed.size() + " items: at most " + HardLimits.HOSTS_PER_LISTENER);
      return List.of();
    }
    List<String> hosts = new ArrayList<>();
    for (int i = 0; i < listed.size(); i++) {
      String text = listed.get(i);
      String host = found.parse(path + "[" + i + "]", () -> Hosts.parse(text));
      if (host != null) {
        hosts.add(host);
      }
    }
    return hosts;
  }

  private TlsVersions tls(ListenerTls tls, String path, Problems found) {
    TlsVersion min = TlsVersionReader.read(tls.minVersion(), settings.tls().minVersion());
    TlsVersion max = TlsVersionReader.read(tls.maxVersion(), settings.tls().maxVersion());
    if (min.compareTo(max) > 0) {
      found.fault(
          Reason.INVALID,
          path + ".minVersion",
          "is newer than maxVersion; what isn't said here is as in spec.tls");
    }
    return new TlsVersions(min, max);
  }

  /** Null: connections begin with no PROXY header. */
  private @Nullable List<Cidr> balancers(
      LongshoreConfigSpec.Listener given, String path, Problems found) {
    ProxyProtocol mode =
        given.proxyProtocol() == null ? spec.proxyProtocol() : given.proxyProtocol();
    if (mode != ProxyProtocol.REQUIRED) {
      return null;
    }
    List<Cidr> ranges =
        given.proxyProtocolFrom() == null
            ? Cidrs.read(spec.proxyProtocolFrom(), "spec.proxyProtocolFrom", found)
            : Cidrs.read(given.proxyProtocolFrom(), path + ".proxyProtocolFrom", found);
    if (ranges.isEmpty() && !found.hasFault()) {
      found.fault(
          Reason.INVALID,
          path + ".proxyProtocolFrom",
          "is missing, and spec.proxyProtocolFrom too: name the ranges of the balancers that send"
              + " PROXY headers, such as 10.0.0.0/8");
    }
    return ranges;
  }

  private void judge(Listener listener, String path, Problems found) {
    for (Listener other : read) {
      if (other.name().equals(listener.name())) {
        found.fault(
            Reason.INVALID, path + ".name", "is that of a listener before it: give it another");
        return;
      }
      if (other.collidesWith(listener)) {
        found.fault(
            Reason.INVALID,
            path + ".port",
            listener.port() + " is where listener " + other.name() + " listens");
        return;
      }
    }
    // What is told to data planes has to pass theirs.
    for (SnapshotError error : SnapshotValidator.check(listener)) {
      found.fault(Reason.INVALID, path, error.toString());
    }
  }
}
