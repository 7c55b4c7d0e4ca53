package dev.longshore.operator.push;

import dev.longshore.contract.push.PushProtocol;
import dev.longshore.operator.push.PushMetrics.Refused;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker13;
import io.netty.handler.stream.ChunkedWriteHandler;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets an upgrade pass whose token is a data plane's, and answers everything else: 400, 401, 403,
 * 404, or 503 when it can't be told. The first request decides; there is no second one.
 */
final class UpgradeGate extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final Logger log = LoggerFactory.getLogger(UpgradeGate.class);

  /** RFC 6750 §2.1; the scheme in any case (RFC 9110 §11.1). */
  private static final Pattern BEARER =
      Pattern.compile("[Bb][Ee][Aa][Rr][Ee][Rr] +([A-Za-z0-9._~+/-]{1,16384}=*)");

  private final TokenReviewer reviewer;
  private final PushMetrics metrics;
  private final Function<TokenVerdict.Accepted, PushChannel> channels;
  private boolean decided;

  /** {@code channels} makes what takes the gate's place when it opens, on the event loop. */
  UpgradeGate(
      TokenReviewer reviewer,
      PushMetrics metrics,
      Function<TokenVerdict.Accepted, PushChannel> channels) {
    this.reviewer = reviewer;
    this.metrics = metrics;
    this.channels = channels;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
    if (decided) {
      context.close();
      return;
    }
    decided = true;
    HttpResponseStatus wrong = check(request);
    if (wrong != null) {
      refuse(context, Refused.BAD_REQUEST, wrong, "this is the push channel of Longshore");
      return;
    }
    String token = token(request);
    if (token == null) {
      refuse(
          context,
          Refused.UNAUTHENTICATED,
          HttpResponseStatus.UNAUTHORIZED,
          "one bearer token is needed");
      return;
    }
    // Nothing is to come before the 101, and nothing is read before the verdict.
    context.channel().config().setAutoRead(false);
    request.retain();
    reviewer
        .review(token)
        .exceptionally(e -> new TokenVerdict.Unavailable("the review failed: " + e))
        .thenAccept(
            verdict ->
                context
                    .executor()
                    .execute(
                        () -> {
                          try {
                            decide(context, request, verdict);
                          } finally {
                            request.release();
                          }
                        }));
  }

  private static @Nullable HttpResponseStatus check(FullHttpRequest request) {
    if (!request.decoderResult().isSuccess()) {
      return HttpResponseStatus.BAD_REQUEST;
    }
    if (!request.uri().equals(PushProtocol.PATH)) {
      return HttpResponseStatus.NOT_FOUND;
    }
    boolean upgrade =
        request.method().equals(HttpMethod.GET)
            && request.protocolVersion().equals(HttpVersion.HTTP_1_1)
            && request.headers().containsValue(HttpHeaderNames.CONNECTION, "upgrade", true)
            && request.headers().contains(HttpHeaderNames.UPGRADE, "websocket", true)
            && request.headers().contains(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "13", true)
            && request
                .headers()
                .containsValue(
                    HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, PushProtocol.SUBPROTOCOL, false);
    return upgrade ? null : HttpResponseStatus.BAD_REQUEST;
  }

  private static @Nullable String token(FullHttpRequest request) {
    List<String> values = request.headers().getAll(HttpHeaderNames.AUTHORIZATION);
    var bearer = values.size() == 1 ? BEARER.matcher(values.getFirst()) : null;
    return bearer != null && bearer.matches() ? bearer.group(1) : null;
  }

  private void decide(
      ChannelHandlerContext context, FullHttpRequest request, TokenVerdict verdict) {
    if (!context.channel().isActive()) {
      return;
    }
    switch (verdict) {
      case TokenVerdict.Accepted accepted -> upgrade(context, request, accepted);
      case TokenVerdict.Unauthenticated(String why) -> {
        log.warn("{}: a token is refused: {}", context.channel().remoteAddress(), why);
        refuse(
            context,
            Refused.UNAUTHENTICATED,
            HttpResponseStatus.UNAUTHORIZED,
            "the token is not valid for " + PushProtocol.AUDIENCE);
      }
      case TokenVerdict.Forbidden(String why) -> {
        log.warn("{}: a token is refused: {}", context.channel().remoteAddress(), why);
        refuse(
            context,
            Refused.FORBIDDEN,
            HttpResponseStatus.FORBIDDEN,
            "the token is not a data plane's");
      }
      case TokenVerdict.Unavailable(String why) -> {
        log.warn("{}: a token can't be reviewed: {}", context.channel().remoteAddress(), why);
        refuse(
            context,
            Refused.UNAVAILABLE,
            HttpResponseStatus.SERVICE_UNAVAILABLE,
            "the token can't be reviewed now");
      }
    }
  }

  private void upgrade(
      ChannelHandlerContext context, FullHttpRequest request, TokenVerdict.Accepted accepted) {
    WebSocketServerHandshaker handshaker =
        new WebSocketServerHandshaker13(
            PushProtocol.PATH,
            PushProtocol.SUBPROTOCOL,
            WebSocketDecoderConfig.newBuilder()
                .maxFramePayloadLength(PushProtocol.MAX_DATA_PLANE_MESSAGE_BYTES)
                .allowExtensions(false)
                .withUTF8Validator(false)
                .build());
    try {
      handshaker.handshake(context.channel(), request);
    } catch (RuntimeException e) {
      log.debug("a handshake failed", e);
      refuse(
          context,
          Refused.BAD_REQUEST,
          HttpResponseStatus.BAD_REQUEST,
          "this is no WebSocket upgrade");
      return;
    }
    context
        .pipeline()
        .addLast(
            new WebSocketFrameAggregator(PushProtocol.MAX_DATA_PLANE_MESSAGE_BYTES),
            new ChunkedWriteHandler(),
            channels.apply(accepted))
        .remove(this);
    context.channel().config().setAutoRead(true);
  }

  private void refuse(
      ChannelHandlerContext context, Refused reason, HttpResponseStatus status, String why) {
    metrics.refused(reason);
    var response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            status,
            Unpooled.copiedBuffer(why + "\n", StandardCharsets.US_ASCII));
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.TEXT_PLAIN)
        .setInt(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    if (status.equals(HttpResponseStatus.UNAUTHORIZED)) {
      response.headers().set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
    }
    context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    log.debug("a connection failed before its upgrade", cause);
    context.close();
  }
}
