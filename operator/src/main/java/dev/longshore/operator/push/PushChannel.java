package dev.longshore.operator.push;

import dev.longshore.contract.SnapshotFormatException;
import dev.longshore.contract.push.FromDataPlane;
import dev.longshore.contract.push.FromOperator;
import dev.longshore.contract.push.Goodbye;
import dev.longshore.contract.push.Hello;
import dev.longshore.contract.push.PushCodec;
import dev.longshore.contract.push.PushProtocol;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One data plane's channel after the upgrade: frames become messages, and messages frames. Reading
 * stops with each message until the coordinator has dealt with it, so that a peer that talks too
 * much fills its own buffers.
 */
final class PushChannel extends SimpleChannelInboundHandler<WebSocketFrame>
    implements DataPlaneChannel {
  private static final Logger log = LoggerFactory.getLogger(PushChannel.class);
  private static final long LINGER_SECONDS = 2;

  private final Channel channel;
  private final TokenVerdict.Accepted caller;
  private final Coordinator coordinator;
  private final Ticker ticker;
  private final Runnable greeted;
  private volatile long lastAlive;

  /** On the event loop. */
  private boolean known;

  private boolean dismissed;

  /**
   * For a channel whose token was accepted.
   *
   * @param ticker tells when it last moved
   * @param greeted is run on the event loop when a right hello came
   */
  PushChannel(
      Channel channel,
      TokenVerdict.Accepted caller,
      Coordinator coordinator,
      Ticker ticker,
      Runnable greeted) {
    this.ticker = ticker;
    this.lastAlive = ticker.nanoTime();
    this.channel = channel;
    this.caller = caller;
    this.coordinator = coordinator;
    this.greeted = greeted;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
    lastAlive = ticker.nanoTime();
    if (dismissed) {
      if (frame instanceof CloseWebSocketFrame) {
        channel.close();
      }
      return;
    }
    switch (frame) {
      case TextWebSocketFrame text -> message(ByteBufUtil.getBytes(text.content()));
      case PingWebSocketFrame ping -> {
        // Who doesn't read gets none, or it would make us hold them.
        if (channel.isWritable()) {
          channel.writeAndFlush(new PongWebSocketFrame(ping.content().retain()));
        }
      }
      case PongWebSocketFrame pong -> {}
      case CloseWebSocketFrame close ->
          channel.writeAndFlush(close.retain()).addListener(ChannelFutureListener.CLOSE);
      default ->
          goodbye(new Goodbye(Goodbye.Reason.BAD_MESSAGE, "messages are text, and this is none"));
    }
  }

  private void message(byte[] json) {
    channel.config().setAutoRead(false);
    FromDataPlane message;
    try {
      message = PushCodec.readFromDataPlane(json);
    } catch (SnapshotFormatException e) {
      goodbye(
          new Goodbye(Goodbye.Reason.BAD_MESSAGE, Printable.of(String.valueOf(e.getMessage()))));
      return;
    }
    if (known) {
      coordinator.received(this, message);
    } else if (message instanceof Hello hello) {
      greet(hello);
    } else {
      goodbye(new Goodbye(Goodbye.Reason.BAD_MESSAGE, "the first message has to be a hello"));
    }
  }

  private void greet(Hello hello) {
    String pod = caller.pod();
    if (hello.protocol() != PushProtocol.VERSION) {
      goodbye(
          new Goodbye(
              Goodbye.Reason.PROTOCOL_VERSION,
              "this operator speaks version " + PushProtocol.VERSION + " of the protocol"));
    } else if (!pod.equals(hello.node())) {
      log.warn("pod {} says that it is data plane {}", Printable.of(pod), hello.node());
      goodbye(
          new Goodbye(
              Goodbye.Reason.NODE_MISMATCH, "node has to be the pod that the token is bound to"));
    } else {
      known = true;
      greeted.run();
      coordinator.opened(this, hello);
    }
  }

  @Override
  public void send(byte[] message, Runnable written) {
    channel
        .writeAndFlush(new Fragments(message, () -> lastAlive = ticker.nanoTime()))
        .addListener(done -> written.run());
  }

  @Override
  public void tell(FromOperator message) {
    if (!channel.isWritable() && !(message instanceof Goodbye)) {
      // These come while nothing large is under way: it has long not read.
      log.warn("a data plane does not read, and is closed");
      channel.close();
      return;
    }
    channel.writeAndFlush(new TextWebSocketFrame(Unpooled.wrappedBuffer(PushCodec.write(message))));
  }

  @Override
  public void goodbye(Goodbye goodbye) {
    channel.eventLoop().execute(() -> dismiss(goodbye));
  }

  private void dismiss(Goodbye goodbye) {
    if (dismissed) {
      return;
    }
    dismissed = true;
    // Its Close, or its end, is to be seen.
    channel.config().setAutoRead(true);
    tell(goodbye);
    channel.writeAndFlush(
        new CloseWebSocketFrame(
            switch (goodbye.reason()) {
              case SHUTTING_DOWN -> WebSocketCloseStatus.ENDPOINT_UNAVAILABLE;
              case REPLACED -> WebSocketCloseStatus.NORMAL_CLOSURE;
              case TOO_MANY, NO_ANSWER -> WebSocketCloseStatus.TRY_AGAIN_LATER;
              case PROTOCOL_VERSION, BAD_MESSAGE, NODE_MISMATCH, NO_HELLO, UNKNOWN_VERSION ->
                  WebSocketCloseStatus.POLICY_VIOLATION;
            },
            goodbye.reason().name()));
    channel.eventLoop().schedule(() -> channel.close(), LINGER_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void ping() {
    if (channel.isWritable()) {
      channel.writeAndFlush(new PingWebSocketFrame());
    }
  }

  @Override
  public void readOn() {
    channel.config().setAutoRead(true);
  }

  @Override
  public void close() {
    channel.close();
  }

  @Override
  public long lastAlive() {
    return lastAlive;
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (known) {
      coordinator.closed(this);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    log.debug("a push channel failed", cause);
    context.close();
  }
}
