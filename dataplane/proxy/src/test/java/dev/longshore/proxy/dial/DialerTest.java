package dev.longshore.proxy.dial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.contract.Endpoint;
import dev.longshore.proxy.upstream.EndpointState;
import dev.longshore.proxy.upstream.EndpointStates;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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

  @Test
  void aRefusalIsTheEndpoints() {
    dial("127.0.0.1", _ -> new NioSocketChannel());
    await().until(() -> !failures.isEmpty());
    assertThat(failures.getFirst()).isNotInstanceOf(LocalFailureException.class);
  }

  private final class Failures implements UpstreamListener {
    @Override
    public void connectFailed(Throwable cause) {
      failures.add(cause);
    }

    @Override
    public void connected() {}

    @Override
    public void tlsFailed(Throwable cause) {}

    @Override
    public void upstreamClosed() {}

    @Override
    public void answer(HttpResponse response) {}

    @Override
    public void answerPart(HttpContent content) {}

    @Override
    public void bytesBehindAnswer(ByteBuf bytes) {}

    @Override
    public void upstreamReadComplete() {}

    @Override
    public void upstreamWritabilityChanged() {}
  }
}
