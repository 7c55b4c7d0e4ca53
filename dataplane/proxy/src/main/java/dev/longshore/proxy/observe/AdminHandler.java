package dev.longshore.proxy.observe;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.timeout.ReadTimeoutException;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers one connection of the admin server. */
final class AdminHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(AdminHandler.class);

  private final Health health;
  private final Map<String, AdminPage> pages;
  private final Executor pageMaker;

  AdminHandler(Health health, Map<String, AdminPage> pages, Executor pageMaker) {
    this.health = health;
    this.pages = pages;
    this.pageMaker = pageMaker;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
    boolean head = request.method().equals(HttpMethod.HEAD);
    boolean keepAlive = HttpUtil.isKeepAlive(request);
    if (request.decoderResult().isFailure()) {
      answer(ctx, AdminResponse.text(400, "not HTTP/1.1\n"), false, false);
      return;
    }
    if (!head && !request.method().equals(HttpMethod.GET)) {
      answer(ctx, AdminResponse.text(405, "only GET and HEAD are answered\n"), false, false);
      return;
    }
    String path;
    Query query;
    try {
      QueryStringDecoder target = new QueryStringDecoder(request.uri());
      path = target.path();
      query = new Query(target.parameters(), request.headers().get(HttpHeaderNames.ACCEPT, ""));
    } catch (IllegalArgumentException e) {
      answer(ctx, AdminResponse.text(400, "the target is not well encoded\n"), head, keepAlive);
      return;
    }
    switch (path) {
      case "/livez" -> answer(ctx, health.live(), head, keepAlive);
      case "/readyz" -> answer(ctx, health.ready(query), head, keepAlive);
      default -> {
        AdminPage page = pages.get(path);
        if (page == null) {
          answer(ctx, notFound(), head, keepAlive);
        } else {
          make(ctx, page, query, head, keepAlive);
        }
      }
    }
  }

  private AdminResponse notFound() {
    return AdminResponse.text(
        404,
        "pages: /livez /readyz "
            + String.join(" ", pages.keySet().stream().sorted().toList())
            + "\n");
  }

  private void make(
      ChannelHandlerContext ctx, AdminPage page, Query query, boolean head, boolean keepAlive) {
    // The next request waits, so that answers keep their order.
    ctx.channel().config().setAutoRead(false);
    try {
      pageMaker.execute(
          () -> {
            AdminResponse response = call(page, query);
            ctx.executor()
                .execute(
                    () -> {
                      answer(ctx, response, head, keepAlive);
                      ctx.channel().config().setAutoRead(true);
                    });
          });
    } catch (RejectedExecutionException e) {
      answer(ctx, AdminResponse.text(503, "too many requests wait for a page\n"), head, false);
    }
  }

  private static AdminResponse call(AdminPage page, Query query) {
    try {
      return page.get(query);
    } catch (BadQueryException e) {
      return AdminResponse.text(400, e.getMessage() + "\n");
    } catch (RuntimeException e) {
      LOG.error("an admin page fails", e);
      return AdminResponse.text(500, "the page could not be made; the log says why\n");
    }
  }

  private static void answer(
      ChannelHandlerContext ctx, AdminResponse answer, boolean head, boolean keepAlive) {
    byte[] body = answer.body();
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(answer.status()),
            head ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(body));
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, answer.contentType())
        .set(HttpHeaderNames.CONTENT_LENGTH, body.length)
        .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
        .set("X-Content-Type-Options", "nosniff");
    if (!keepAlive) {
      response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
    ChannelFutureListener after =
        keepAlive ? ChannelFutureListener.CLOSE_ON_FAILURE : ChannelFutureListener.CLOSE;
    ctx.writeAndFlush(response).addListener(after);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!(cause instanceof IOException) && !(cause instanceof ReadTimeoutException)) {
      LOG.warn("an admin connection fails", cause);
    }
    ctx.close();
  }
}
