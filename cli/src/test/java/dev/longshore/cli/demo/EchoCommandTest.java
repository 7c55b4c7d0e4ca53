package dev.longshore.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.cli.Longshore;
import dev.longshore.cli.runtime.ExitCode;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EchoCommandTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  @Test
  void anAddressThatIsTakenIsSaid() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, LOOPBACK)) {
      assertThat(
              Longshore.commandLine().execute("echo", "--listen=127.0.0.1:" + taken.getLocalPort()))
          .isEqualTo(ExitCode.FAILED);
    }
  }

  @Test
  void itSaysWhoItIsAndEchoes() throws Exception {
    EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
    try (EchoBackend echo =
            new EchoBackend("me", new InetSocketAddress(LOOPBACK, 0), loops, path -> null);
        HttpClient client = HttpClient.newHttpClient()) {
      WebSocket socket =
          client
              .newWebSocketBuilder()
              .buildAsync(
                  URI.create("ws://127.0.0.1:" + echo.port() + "/here"),
                  new WebSocket.Listener() {
                    @Override
                    public @Nullable CompletionStage<?> onText(
                        WebSocket from, CharSequence data, boolean last) {
                      heard.add(data.toString());
                      from.request(1);
                      return null;
                    }
                  })
              .join();
      assertThat(heard.poll(20, TimeUnit.SECONDS))
          .isEqualTo("{\"backend\":\"me\",\"uri\":\"/here\"}");
      socket.sendText("hello", true).join();
      assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("hello");
      Future<?> left =
          CompletableFuture.runAsync(
              () -> {
                try {
                  echo.untilLeft(Duration.ZERO);
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      socket.sendText("still here", true).join();
      assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("still here");
      assertThat(left.isDone()).isFalse();
      socket.abort();
      left.get(20, TimeUnit.SECONDS);
    } finally {
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
    }
  }
}
