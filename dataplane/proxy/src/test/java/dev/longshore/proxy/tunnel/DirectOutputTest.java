package dev.longshore.proxy.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A real socket, which takes everything, a part, or nothing. */
final class DirectOutputTest {
  private EventLoopGroup group;
  private Channel channel;
  private Socket peer;

  @BeforeEach
  void connect() throws Exception {
    assumeTrue(Epoll.isAvailable(), "only epoll has a direct output");
    group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      channel =
          new Bootstrap()
              .group(group)
              .channel(EpollSocketChannel.class)
              .handler(new ChannelInboundHandlerAdapter())
              .connect(server.getLocalSocketAddress())
              .sync()
              .channel();
      peer = server.accept();
    }
  }

  @AfterEach
  void end() throws Exception {
    if (group != null) {
      peer.close();
      group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }
  }

  private <T> T onLoop(Callable<T> work) throws Exception {
    return channel.eventLoop().submit(work).get(60, TimeUnit.SECONDS);
  }

  private DirectOutput output() {
    return Objects.requireNonNull(DirectOutput.of(channel));
  }

  private boolean send(ByteBuf bytes) throws Exception {
    return onLoop(() -> output().send(bytes));
  }

  @Test
  void sendsWhatTheSocketTakesAndLeavesTheRest() throws Exception {
    ByteBuf small = Unpooled.directBuffer().writeBytes(new byte[] {1, 2, 3});
    small.skipBytes(1);
    assertThat(send(small)).isTrue();
    assertThat(peer.getInputStream().readNBytes(2)).containsExactly(2, 3);

    int size = 64 << 20;
    ByteBuf large = Unpooled.directBuffer(size).writeZero(size);
    assertThat(send(large)).as("the peer reads nothing").isFalse();
    assertThat(large.readerIndex()).isBetween(1, size - 1);
    assertThat(send(large)).isFalse();

    small.release();
    large.release();
  }

  @Test
  void overtakesNothingThatWaits() throws Exception {
    ByteBuf bytes = Unpooled.directBuffer().writeByte(2);
    boolean sent =
        onLoop(
            () -> {
              channel.write(Unpooled.directBuffer().writeByte(1));
              return output().send(bytes);
            });
    assertThat(sent).isFalse();
    assertThat(bytes.readableBytes()).isEqualTo(1);

    channel.flush();
    assertThat(peer.getInputStream().read()).isEqualTo(1);
    bytes.release();
  }

  @Test
  void neverWritesToADescriptorThatIsClosed() throws Exception {
    DirectOutput output = output();
    ByteBuf bytes = Unpooled.directBuffer().writeByte(1);
    channel.close().sync();

    assertThat(onLoop(() -> output.send(bytes))).isFalse();
    assertThat(bytes.readableBytes()).isEqualTo(1);
    assertThat(peer.getInputStream().read()).as("end of the stream").isEqualTo(-1);
    bytes.release();
  }
}
