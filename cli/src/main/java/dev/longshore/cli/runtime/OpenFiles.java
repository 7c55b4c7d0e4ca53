package dev.longshore.cli.runtime;

import dev.longshore.proxy.ProcessBounds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** The limit of open files, of which every tunnel needs two. */
public final class OpenFiles {
  /** Below this the limit is a surprise even to somebody who tries things out. */
  public static final long FEW = 4_096;

  /** Below this a data plane that is there for many is worth a warning: half as many tunnels. */
  public static final long FEW_FOR_MANY_CLIENTS = 65_536;

  private OpenFiles() {}

  /** The soft limit of this process; empty where it isn't known or there is none. */
  public static OptionalLong limit() {
    try {
      return parse(Files.readString(Path.of("/proc/self/limits")));
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  /** How many client connections descriptors and heap suffice for. */
  public static int connections() {
    return ProcessBounds.connectionsWithin(
        limit().orElse(Long.MAX_VALUE), Runtime.getRuntime().maxMemory());
  }

  static OptionalLong parse(String limits) {
    return limits
        .lines()
        .filter(line -> line.startsWith("Max open files"))
        .map(line -> line.substring("Max open files".length()).strip().split("\\s+")[0])
        .filter(soft -> soft.chars().allMatch(Character::isDigit))
        .mapToLong(Long::parseLong)
        .findFirst();
  }
}
