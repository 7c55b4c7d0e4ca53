package dev.longshore.cli.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The local ports that Linux takes for outgoing connections: one data plane has as many connections
 * to one endpoint at a time. Kubernetes counts their range among the safe sysctls, so the manifests
 * widen it; where the pod is on the host's network they can't.
 */
public final class LocalPorts {
  /** Below this the range was not widened: Linux' own is 28,232, that of the manifests 64,512. */
  public static final int LOW = 60_000;

  private static final Logger log = LoggerFactory.getLogger(LocalPorts.class);
  private static final Path RANGE = Path.of("/proc/sys/net/ipv4/ip_local_port_range");

  private LocalPorts() {}

  /** Warns in the log if the system has few ports for connections to upstreams. */
  public static void warnOfFew() {
    count()
        .ifPresent(
            ports -> {
              if (ports < LOW) {
                log.warn(
                    "only {} local ports (sysctl net.ipv4.ip_local_port_range): no more tunnels to"
                        + " one endpoint at a time; 1024 65535 is right for a data plane",
                    ports);
              }
            });
  }

  /** How many there are; empty where it isn't known. */
  private static OptionalInt count() {
    try {
      return parse(Files.readString(RANGE));
    } catch (IOException e) {
      return OptionalInt.empty();
    }
  }

  /** How many ports a range as of {@code ip_local_port_range} has; empty where it is none. */
  public static OptionalInt parse(String range) {
    String[] bounds = range.strip().split("\\s+");
    try {
      return bounds.length == 2
          ? OptionalInt.of(Integer.parseInt(bounds[1]) - Integer.parseInt(bounds[0]) + 1)
          : OptionalInt.empty();
    } catch (NumberFormatException e) {
      return OptionalInt.empty();
    }
  }
}
