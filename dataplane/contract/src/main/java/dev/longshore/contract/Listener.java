package dev.longshore.contract;

import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where data planes listen beside the addresses of their flags, and what clients find there.
 *
 * @param name by which it is told of
 * @param address an IP literal; null: all addresses of the machine
 * @param port 1 to 65535
 * @param protocol what clients speak
 * @param hosts the names that are served there, exact or {@code *.domain}, lower case, sorted;
 *     empty: all
 * @param tls what clients may negotiate there; null: what {@link Settings.Tls} says
 * @param proxyProtocolFrom whose connections are let in, each of which has to begin with a PROXY
 *     header, whatever {@link Settings#proxyProtocol} says; null: everybody's, and none does
 */
public record Listener(
    String name,
    @Nullable String address,
    int port,
    Protocol protocol,
    List<String> hosts,
    @Nullable TlsVersions tls,
    @Nullable List<Cidr> proxyProtocolFrom) {
  /** Where ports begin that everybody may listen on, unless a kernel was told otherwise. */
  public static final int FIRST_UNPRIVILEGED = 1024;

  public Listener {
    hosts = hosts.stream().sorted().distinct().toList();
    proxyProtocolFrom = proxyProtocolFrom == null ? null : List.copyOf(proxyProtocolFrom);
  }

  /** Whether no two such can listen beside each other, for the one needs what the other has. */
  public boolean collidesWith(Listener other) {
    return port == other.port && overlap(address, other.address);
  }

  /** All addresses and one of them can't be listened on beside each other. */
  private static boolean overlap(@Nullable String a, @Nullable String b) {
    if (a == null || b == null || !Syntax.isAddress(a) || !Syntax.isAddress(b)) {
      return true;
    }
    InetAddress first = InetAddress.ofLiteral(a);
    InetAddress second = InetAddress.ofLiteral(b);
    return first.isAnyLocalAddress() || second.isAnyLocalAddress() || first.equals(second);
  }

  /** What clients speak. */
  public enum Protocol {
    /** HTTP in the clear. */
    HTTP,
    /** HTTP over TLS. */
    HTTPS
  }

  /**
   * Versions of TLS.
   *
   * @param min the oldest
   * @param max the newest, not older than {@code min}
   */
  public record TlsVersions(Settings.TlsVersion min, Settings.TlsVersion max) {}
}
