package dev.longshore.cli.option;

import dev.longshore.operator.source.OwnAddresses;
import dev.longshore.proxy.DataPlane;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where a data plane of this process listens, as endpoints would name it. */
public final class OwnListeners {
  private static final Logger LOG = LoggerFactory.getLogger(OwnListeners.class);

  private OwnListeners() {}

  /** Every address and port; of a listener on all addresses those that this machine has now. */
  public static OwnAddresses of(DataPlane dataPlane) {
    List<InetSocketAddress> bound = new ArrayList<>(dataPlane.boundHttp());
    bound.addAll(dataPlane.boundHttps());
    bound.add(dataPlane.boundMetrics());
    bound.add(dataPlane.boundAdmin());
    return of(bound);
  }

  /**
   * The addresses of listeners that are bound there, on every address of this machine where they
   * are bound to all.
   */
  public static OwnAddresses of(List<InetSocketAddress> bound) {
    Map<String, Set<Integer>> sockets = new HashMap<>();
    Set<Integer> loopback = new HashSet<>();
    for (InetSocketAddress listener : bound) {
      InetAddress address = listener.getAddress();
      if (address == null) {
        continue;
      }
      if (address.isAnyLocalAddress()) {
        loopback.add(listener.getPort());
        local().forEach(each -> add(sockets, each, listener.getPort()));
      } else {
        add(sockets, address, listener.getPort());
      }
    }
    return new OwnAddresses(sockets, loopback, Set.of());
  }

  private static void add(Map<String, Set<Integer>> sockets, InetAddress address, int port) {
    String text = address.getHostAddress();
    int zone = text.indexOf('%');
    sockets
        .computeIfAbsent(zone < 0 ? text : text.substring(0, zone), added -> new HashSet<>())
        .add(port);
  }

  private static List<InetAddress> local() {
    try {
      return NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses).toList();
    } catch (SocketException e) {
      LOG.warn("the addresses of this machine can't be listed: {}", e.getMessage());
      return List.of(InetAddress.getLoopbackAddress());
    }
  }
}
