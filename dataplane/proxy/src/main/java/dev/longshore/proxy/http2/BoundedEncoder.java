package dev.longshore.proxy.http2;

import dev.longshore.contract.HardLimits;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DecoratingHttp2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2LifecycleManager;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the frames that a peer makes us write: those that it doesn't take, and streams that it has
 * us reset by breaking their rules, which spares it the resets that are counted (CVE-2025-55163).
 */
final class BoundedEncoder extends DecoratingHttp2ConnectionEncoder {
  private static final long WINDOW_NANOS =
      TimeUnit.SECONDS.toNanos(HardLimits.HTTP2_RESETS_SECONDS);

  private final IntConsumer wasReset;
  private final LongSupplier nanoTime;
  private @Nullable Http2LifecycleManager lifecycle;
  private int queued;
  private int resets;
  private long windowStart;
  private boolean over;

  /** Tells {@code wasReset} of each stream that is. */
  BoundedEncoder(Http2ConnectionEncoder delegate, IntConsumer wasReset, LongSupplier nanoTime) {
    super(delegate);
    this.wasReset = wasReset;
    this.nanoTime = nanoTime;
    this.windowStart = nanoTime.getAsLong();
  }

  @Override
  public void lifecycleManager(Http2LifecycleManager manager) {
    lifecycle = manager;
    super.lifecycleManager(manager);
  }

  @Override
  public ChannelFuture writeSettingsAck(ChannelHandlerContext ctx, ChannelPromise promise) {
    return super.writeSettingsAck(ctx, counted(ctx, promise));
  }

  @Override
  public ChannelFuture writePing(
      ChannelHandlerContext ctx, boolean ack, long data, ChannelPromise promise) {
    return super.writePing(ctx, ack, data, ack ? counted(ctx, promise) : promise);
  }

  @Override
  public ChannelFuture writeRstStream(
      ChannelHandlerContext ctx, int id, long code, ChannelPromise promise) {
    wasReset.accept(id);
    ChannelFuture written = super.writeRstStream(ctx, id, code, counted(ctx, promise));
    if (isOfPeersMaking(code)) {
      countReset(ctx);
    }
    return written;
  }

  /** And not that of time, of an answer that came early, or of an upstream that broke off. */
  private static boolean isOfPeersMaking(long code) {
    return code != Http2Error.CANCEL.code()
        && code != Http2Error.NO_ERROR.code()
        && code != Http2Error.INTERNAL_ERROR.code();
  }

  private void countReset(ChannelHandlerContext ctx) {
    long now = nanoTime.getAsLong();
    if (now - windowStart >= WINDOW_NANOS) {
      windowStart = now;
      resets = 0;
    }
    if (++resets > HardLimits.HTTP2_RESETS) {
      end(ctx, "too many streams had to be reset");
    }
  }

  private ChannelPromise counted(ChannelHandlerContext ctx, ChannelPromise promise) {
    if (queued >= HardLimits.HTTP2_QUEUED_CONTROL_FRAMES) {
      ctx.flush();
      if (queued >= HardLimits.HTTP2_QUEUED_CONTROL_FRAMES) {
        end(ctx, "too many answers wait to be taken");
        return promise;
      }
    }
    queued++;
    return promise.unvoid().addListener(done -> queued--);
  }

  private void end(ChannelHandlerContext ctx, String why) {
    Http2LifecycleManager manager = lifecycle;
    if (!over && manager != null) {
      over = true;
      manager.onError(ctx, true, Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM, why));
    }
  }
}
