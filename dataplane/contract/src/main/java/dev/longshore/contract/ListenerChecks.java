package dev.longshore.contract;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks the listeners of a snapshot: each by itself, and that no two are after one socket. */
final class ListenerChecks {
  private static final int MAX_RANGES = 256;
  private static final int MAX_NAME = 63;

  private ListenerChecks() {}

  /** They are few, so all are looked at whenever one has changed. */
  static void check(PersistentMap<String, Listener> listeners, Collection<SnapshotError> errors) {
    List<Listener> all = new ArrayList<>();
    listeners.forEach((name, listener) -> all.add(listener));
    all.sort(Comparator.comparing(Listener::name));
    for (int i = 0; i < all.size(); i++) {
      Listener listener = all.get(i);
      Field field = Field.of(new EntryRef.OfListener(listener.name()), errors);
      if (i >= HardLimits.LISTENERS) {
        field.wrong("is one too many: there can be " + HardLimits.LISTENERS + " listeners");
      }
      check(listener, field);
      Listener other = sameSocket(all.subList(0, i), listener);
      if (other != null) {
        field
            .at("port")
            .wrong(
                "is "
                    + listener.port()
                    + ", on which listener "
                    + Quoted.plain(other.name())
                    + " listens already");
      }
    }
  }

  static void check(Listener listener, Field field) {
    String name = listener.name();
    if (name.length() > MAX_NAME || name.indexOf('.') >= 0 || !Syntax.isHostName(name)) {
      field.at("name").mustBe("a lower-case label such as internal", name);
    }
    String address = listener.address();
    if (address != null && !isListenable(address)) {
      field.at("address").mustBe("the IP literal of an address of the machine", address);
    }
    if (!Syntax.isPort(listener.port())) {
      field.at("port").mustBe("1 to 65535", listener.port());
    }
    Field hosts = field.at("hosts");
    hosts.atMost(listener.hosts(), HardLimits.HOSTS_PER_LISTENER);
    for (int i = 0; i < listener.hosts().size(); i++) {
      if (!Syntax.isHostOrWildcard(listener.hosts().get(i))) {
        hosts
            .at(i)
            .mustBe(
                "a lower-case host name such as chat.example.com or *.example.com (one label)",
                listener.hosts().get(i));
      }
    }
    Listener.TlsVersions tls = listener.tls();
    if (tls != null && listener.protocol() != Listener.Protocol.HTTPS) {
      field.at("tls").wrong("is there, but the protocol is HTTP; must be absent, or that HTTPS");
    }
    if (tls != null && tls.min().compareTo(tls.max()) > 0) {
      field.at("tls").at("min").mustBe("no newer than max", tls.min());
    }
    if (listener.proxyProtocolFrom() != null) {
      field.at("proxyProtocolFrom").ranges(listener.proxyProtocolFrom(), MAX_RANGES);
    }
  }

  private static boolean isListenable(String address) {
    return Syntax.isAddress(address) && !InetAddress.ofLiteral(address).isMulticastAddress();
  }

  private static @Nullable Listener sameSocket(List<Listener> others, Listener listener) {
    for (Listener other : others) {
      if (other.collidesWith(listener)) {
        return other;
      }
    }
    return null;
  }
}
