package dev.longshore.proxy.subscribe;

import dev.longshore.contract.push.FromDataPlane;
import dev.longshore.contract.push.Goodbye;
import dev.longshore.contract.push.Hello;
import dev.longshore.contract.push.PushCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler.ClientHandshakeStateEvent;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The channel to one operator replica, opened again and again for as long as the replica is known.
 * Lives on the subscription's event loop.
 */
final class OperatorLink {
  private static final Logger LOG = LoggerFactory.getLogger(OperatorLink.class);

  private final InetSocketAddress address;
  private final OperatorDialer dialer;
  private final EventLoop loop;
  private final Timing timing;
  private final BackOff backOff;
  private final Owner owner;
  private @Nullable Conversation conversation;
  private @Nullable ScheduledFuture<?> retry;
  private String trouble = "";
  private boolean closed;

  /** Hears of everything that happens, on the event loop. */
  interface Owner {
    /** Messages may be sent. */
    void up(OperatorLink link);

    /** A channel that was up is gone, or one could not be opened. */
    void down(OperatorLink link);

    /** A message came, which has to be released. */
    void received(OperatorLink link, ByteBuf json, Turn turn);
  }

  /** A message that is being dealt with, and the channel on which it came. On the event loop. */
  interface Turn {
    /** Answers; nothing happens when the channel is gone. */
    void answer(FromDataPlane message);

    /** The operator has said why it is about to end the channel. */
    void leaving(Goodbye goodbye);

    /** The next message may come. Once, and last. */
    void done();
  }

  OperatorLink(
      InetSocketAddress address,
      OperatorDialer dialer,
      EventLoop loop,
      Timing timing,
      BackOff backOff,
      Owner owner) {
    this.address = address;
    this.dialer = dialer;
    this.loop = loop;
    this.timing = timing;
    this.backOff = backOff;
    this.owner = owner;
  }

  InetSocketAddress address() {
    return address;
  }

  /** What went wrong last, for people; empty while the channel is up. */
  String trouble() {
    return trouble;
  }

  boolean isUp() {
    return conversation != null && conversation.established;
  }

  /** Whether the channel has lived long enough to be relied on. */
  boolean isSettled() {
    return conversation != null && conversation.isSettled();
  }

  /** Opens the channel. Once. */
  void open() {
    retry = null;
    if (closed) {
      return;
    }
    Conversation started = new Conversation();
    conversation = started;
    try {
      dial(started);
    } catch (RuntimeException | Error e) {
      // Such as for want of a thread. Without an end there would be no next attempt.
      started.ended(DialFailure.of(e));
    }
  }

  private void dial(Conversation started) {
    dialer
        .dial(address, started)
        .addListener(
            done -> {
              if (!done.isSuccess()) {
                started.ended(DialFailure.of(done.cause()));
              } else if (closed) {
                ((SocketChannel) done.getNow()).close();
              }
            });
  }

  /**
   * Says who we are, and in which role, on the channel of this moment; nothing happens when that is
   * gone by then.
   */
  Consumer<Hello> greeting() {
    Conversation present = conversation;
    return hello -> {
      if (present != null) {
        present.greeted = true;
        present.send(hello);
      }
    };
  }

  /** Sends a message; nothing happens while the channel is not up and greeted. */
  void send(FromDataPlane message) {
    if (conversation != null && conversation.greeted) {
      conversation.send(message);
    }
  }

  /** Ends the channel for good. */
  void close() {
    closed = true;
    if (retry != null) {
      retry.cancel(false);
    }
    if (conversation != null) {
      conversation.leave();
    }
  }

  private void ended(Conversation which, String why) {
    if (conversation != which) {
      return;
    }
    conversation = null;
    if (which.isSettled()) {
      backOff.reset();
    }
    if (closed) {
      return;
    }
    if (!why.equals(trouble)) {
      LOG.warn("operator {}: {}; trying again", address.getAddress().getHostAddress(), why);
    }
    trouble = why;
    retry = loop.schedule(this::open, backOff.next().toNanos(), TimeUnit.NANOSECONDS);
    owner.down(this);
  }

  /** One channel, from the attempt to its end. */
  private final class Conversation extends ChannelInboundHandlerAdapter implements Turn {
    private @Nullable ChannelHandlerContext context;
    private @Nullable ScheduledFuture<?> pings;
    private boolean established;
    private boolean greeted;
    private boolean over;
    private boolean waiting;
    private boolean leaving;
    private final Deque<ByteBuf> next = new ArrayDeque<>();
    private long since;
    private String end = "";

    boolean isSettled() {
      return established && System.nanoTime() - since >= timing.settled().toNanos();
    }

    void send(FromDataPlane message) {
      if (established && !over && context != null) {
        byte[] json = PushCodec.write(message);
        context.writeAndFlush(new TextWebSocketFrame(Unpooled.wrappedBuffer(json)));
      }
    }

    /** Polite: the replica learns at once. */
    void leave() {
      if (context == null) {
        return;
      }
      if (established) {
        context.writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.ENDPOINT_UNAVAILABLE));
      }
      context.close();
    }

    /**
     * While a message is dealt with, the channel is not read beyond what was read with the next
     * one: TCP holds the others back.
     */
    private void take(ChannelHandlerContext ctx, ByteBuf json) {
      if (waiting) {
        next.add(json);
        ctx.channel().config().setAutoRead(false);
      } else {
        waiting = true;
        owner.received(OperatorLink.this, json, this);
      }
    }

    @Override
    public void answer(FromDataPlane message) {
      send(message);
    }

    @Override
    public void leaving(Goodbye goodbye) {
      end =
          "says goodbye, "
              + goodbye.reason()
              + (goodbye.message().isEmpty() ? "" : ": " + DialFailure.plain(goodbye.message()));
      if (goodbye.reason() == Goodbye.Reason.PROTOCOL_VERSION) {
        backOff.giveTime();
      }
    }

    @Override
    public void done() {
      ByteBuf json = next.poll();
      if (json == null || context == null) {
        waiting = false;
        if (leaving && context != null) {
          context.close();
        }
        return;
      }
      if (next.isEmpty()) {
        context.channel().config().setAutoRead(true);
      }
      owner.received(OperatorLink.this, json, this);
    }

    void ended(String why) {
      if (!over) {
        over = true;
        next.forEach(ByteBuf::release);
        next.clear();
        if (pings != null) {
          pings.cancel(false);
        }
        OperatorLink.this.ended(this, why);
      }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      context = ctx;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event == ClientHandshakeStateEvent.HANDSHAKE_COMPLETE) {
        established = true;
        since = System.nanoTime();
        if (!trouble.isEmpty()) {
          LOG.info("operator {}: connected again", address.getAddress().getHostAddress());
        }
        trouble = "";
        long every = timing.ping().toNanos();
        pings =
            ctx.executor()
                .scheduleAtFixedRate(
                    () -> ctx.writeAndFlush(new PingWebSocketFrame()),
                    every,
                    every,
                    TimeUnit.NANOSECONDS);
        owner.up(OperatorLink.this);
      } else if (event instanceof IdleStateEvent && ctx.channel().config().isAutoRead()) {
        end = "silent for " + timing.silence().toSeconds() + " s";
        ctx.close();
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      try {
        switch (message) {
          case TextWebSocketFrame text -> take(ctx, text.content().retain());
          case CloseWebSocketFrame close -> {
            if (end.isEmpty()) {
              end = DialFailure.of(close);
            }
            // The goodbye before it says more.
            leaving = true;
            if (!waiting) {
              ctx.close();
            }
          }
          default -> {
            end = "sends what is no text message";
            ctx.close();
          }
        }
      } finally {
        ReferenceCountUtil.release(message);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      if (end.isEmpty()) {
        end = DialFailure.of(cause);
      }
      ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      ended(end.isEmpty() ? "closed the connection" : end);
    }
  }
}
