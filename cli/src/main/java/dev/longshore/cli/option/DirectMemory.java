package dev.longshore.cli.option;

import java.lang.management.ManagementFactory;
import java.util.List;

/**
 * Has Netty refuse a network buffer before the JVM does. At its limit the JVM collects garbage and
 * sleeps for half a second before each allocation that fails: on an event loop, whose thousands of
 * connections wait meanwhile. Netty says no at once, to the one connection that asks.
 */
public final class DirectMemory {
  private static final String NETTY = "io.netty.maxDirectMemory";
  private static final String JVM = "-XX:MaxDirectMemorySize=";

  /** Part of the limit that Netty leaves to the JVM's own buffers. */
  private static final int SPARE_PARTS = 16;

  private DirectMemory() {}

  /** Before anything of Netty is loaded. Who has set Netty's limit knows why. */
  public static void boundNetty() {
    if (System.getProperty(NETTY) == null) {
      long limit =
          limit(
              ManagementFactory.getRuntimeMXBean().getInputArguments(),
              Runtime.getRuntime().maxMemory());
      System.setProperty(NETTY, Long.toString(limit - limit / SPARE_PARTS));
    }
  }

  /**
   * What the JVM allows outside the heap.
   *
   * @param arguments the JVM's own; the last one counts
   * @param heap what it allows in the heap, which is the default
   */
  static long limit(List<String> arguments, long heap) {
    return arguments.stream()
        .filter(argument -> argument.startsWith(JVM))
        .map(argument -> new SizeConverter().convert(argument.substring(JVM.length())))
        .filter(bytes -> bytes > 0)
        .reduce(heap, (_, last) -> last);
  }
}
