package dev.longshore.cli.demo;

import dev.longshore.cli.option.SocketAddressConverter;
import dev.longshore.cli.runtime.StartException;
import dev.longshore.cli.runtime.Termination;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * A backend for the samples, so that trying them in a cluster takes no image besides Longshore's.
 */
@Command(
    name = "echo",
    description =
        "A backend to try routes with: echoes WebSocket messages, and answers plain requests with"
            + " what it got.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class EchoCommand implements Callable<Integer> {
  @Option(
      names = "--listen",
      paramLabel = "ADDR:PORT",
      converter = SocketAddressConverter.class,
      defaultValue = "0.0.0.0:8080",
      description = "Where it listens. Default: ${DEFAULT-VALUE}")
  private InetSocketAddress listen = new InetSocketAddress(8080);

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "What it calls itself. Default: the environment's HOSTNAME, else echo")
  private @Nullable String name;

  /** How long data planes may take to hear that this one goes. */
  private static final Duration KNOWN_WITHIN = Duration.ofSeconds(2);

  @Override
  public Integer call() throws StartException, InterruptedException {
    EventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("echo", true), NioIoHandler.newFactory());
    try (EchoBackend echo = new EchoBackend(name(), listen, loops, path -> null)) {
      System.out.println("echo listens on " + listen.getHostString() + ":" + echo.port());
      System.out.flush();
      Termination.onSignal(count -> leave(echo, count));
      echo.untilClosed();
    } catch (IOException e) {
      throw new StartException(String.valueOf(e.getMessage()));
    }
    return 0;
  }

  /** SIGTERM: serves on until the last WebSocket is closed; a second one ends at once. */
  private static void leave(EchoBackend echo, int count) {
    try {
      if (count == 1) {
        System.out.println("echo ends when its last WebSocket is closed");
        echo.untilLeft(KNOWN_WITHIN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    echo.close();
  }

  private String name() {
    if (name != null) {
      return name;
    }
    String host = System.getenv("HOSTNAME");
    return host == null ? "echo" : host;
  }
}
