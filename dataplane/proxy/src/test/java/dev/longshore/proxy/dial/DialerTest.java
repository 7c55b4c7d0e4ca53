package dev.longshore.proxy.dial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.Endpoint;
import dev.longshore.proxy.http.LocalFailureException;
import dev.longshore.proxy.upstream.EndpointState;
import dev.longshore.proxy.upstream.EndpointStates;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.ConnectException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever keeps a connection from being begun is a failed connect, and nothing is thrown. */
@Timeout(30)
class DialerTest {
  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final EventLoop loop = group.next();
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();

  @AfterEach
  void stop() {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private void dial(String address, Function<SocketProtocolFamily, ? extends Channel> channels) {
    EndpointState endpoint = EndpointStates.of(new Endpoint(address, 9, Endpoint.State.READY));
    loop.submit(() -> new Dialer(loop, channels).dial(endpoint, null, new Failures()))
        .syncUninterruptibly();
  }

  @Test
  void noSocketToBeHad() {
    dial(
        "127.0.0.1",
        family -> {
          throw new ChannelException("Too many open files");
        });
    assertThat(failures).singleElement().isInstanceOf(LocalFailureException.class);
  }

  @Test
  void noMemoryForOne() {
    dial(
        "127.0.0.1",
        family -> {
          throw new OutOfMemoryError("injected: direct buffer memory");
        });
    assertThat(failures).singleElement().isInstanceOf(LocalFailureException.class);
  }

  @Test
  void aFamilyThatIsNotSpoken() {
    dial(
        "2001:db8::1",
        family -> {
          assertThat(family).isEqualTo(SocketProtocolFamily.INET6);
          throw new ChannelException("Address family not supported by protocol");
        });
    assertThat(failures).singleElement().isInstanceOf(LocalFailureException.class);
  }

  /** As when the loop has no room for another descriptor: the channel is closed, not leaked. */
  @Test
  void aChannelThatCantBeRegistered() {
    NioSocketChannel[] channel = new NioSocketChannel[1];
    dial(
        "127.0.0.1",
        family -> {
          channel[0] =
              new NioSocketChannel() {
                @Override
                protected boolean isCompatible(EventLoop other) {
                  return false;
                }
              };
          return channel[0];
        });
    assertThat(failures).singleElement().isInstanceOf(LocalFailureException.class);
    assertThat(channel[0].isOpen()).isFalse();
  }

  /** hostile.md 9 and its kind: what the node itself says, in the words of both transports. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Cannot assign requested address: /10.0.0.1:80",
        "connect(..) failed with error(-101): Network is unreachable: /10.0.0.1:80",
        "Network is unreachable: getsockopt: /10.0.0.1:80",
        "socket(..) failed with error(-24): Too many open files",
        "Too many open files in system",
        "connect(..) failed with error(-105): No buffer space available",
        "connect(..) failed with error(-1): Operation not permitted",
        "Permission denied: /10.0.0.1:80",
        "connect(..) failed with error(-97): Address family not supported by protocol",
      })
  void whatTheNodeSaysIsNotTheEndpoints(String message) {
    assertThat(LocalFailureException.tell(new ConnectException(message)))
        .isInstanceOf(LocalFailureException.class);
  }

  /** A host that is off doesn't answer its neighbours: it is what health is about. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "No route to host: /10.0.0.1:80",
        "Connection refused: /10.0.0.1:80",
        "connection timed out after 5000 ms: /10.0.0.1:80",
        "Connection reset by peer",
      })
  void whatItsHostSaysIsTheEndpoints(String message) {
    Throwable cause = new ConnectException(message);
    assertThat(LocalFailureException.tell(cause)).isSameAs(cause);
  }

  @Test
  void aRefusalIsTheEndpoints() {
    dial("127.0.0.1", _ -> new NioSocketChannel());
    await().until(() -> !failures.isEmpty());
    assertThat(failures.getFirst()).isNotInstanceOf(LocalFailureException.class);
  }

  private final class Failures extends Deaf {
    @Override
    public void connectFailed(Throwable cause) {
      failures.add(cause);
    }
  }
}
