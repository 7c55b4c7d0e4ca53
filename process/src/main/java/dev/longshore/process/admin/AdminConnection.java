package dev.longshore.process.admin;

import dev.longshore.contract.HardLimits;
import io.netty.buffer.Unpooled;
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
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers one connection of the admin server, one request at a time: nothing is read from the
 * moment a request is complete until its answer has left the process, and what came together with
 * it waits. Every state it can be in has a time.
 */
final class AdminConnection extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(AdminConnection.class);

  private final Probes probes;
  private final Map<String, AdminPage> pages;
  private final PageMaker pageMaker;
  private final AdminConnections connections;
  private final Hosts hosts;
  private final Deque<FullHttpRequest> waiting = new ArrayDeque<>();
  private @Nullable Future<?> deadline;
  private boolean answering;

  AdminConnection(
      Probes probes,
      Map<String, AdminPage> pages,
      PageMaker pageMaker,
      AdminConnections connections,
      Hosts hosts) {
    this.probes = probes;
    this.pages = pages;
    this.pageMaker = pageMaker;
    this.connections = connections;
    this.hosts = hosts;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    connections.add(ctx.channel());
    next(ctx, HardLimits.ADMIN_REQUEST_SECONDS);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    disarm();
    waiting.forEach(FullHttpRequest::release);
    waiting.clear();
  }

  /** Takes the next request, or waits for it. */
  private void next(ChannelHandlerContext ctx, int seconds) {
    answering = false;
    FullHttpRequest request = waiting.poll();
    if (request != null) {
      try {
        take(ctx, request);
      } finally {
        request.release();
      }
    } else if (ctx.channel().isActive()) {
      arm(ctx, seconds, Cut.SLOW_REQUEST);
      ctx.read();
    }
  }

  private void arm(ChannelHandlerContext ctx, int seconds, Cut why) {
    disarm();
    deadline =
        ctx.executor()
            .schedule(() -> connections.cut(ctx.channel(), why), seconds, TimeUnit.SECONDS);
  }

  private void disarm() {
    Future<?> set = deadline;
    deadline = null;
    if (set != null) {
      set.cancel(false);
    }
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
    if (answering) {
      waiting.add(request.retain());
    } else {
      take(ctx, request);
    }
  }

  private void take(ChannelHandlerContext ctx, FullHttpRequest request) {
    disarm();
    answering = true;
    boolean head = request.method().equals(HttpMethod.HEAD);
    boolean keepAlive = HttpUtil.isKeepAlive(request);
    if (request.decoderResult().isFailure()) {
      answer(ctx, AdminResponse.text(400, "not HTTP/1.1\n"), false, false);
      return;
    }
    if (!hosts.answers(request.headers().getAll(HttpHeaderNames.HOST))) {
      connections.count(Cut.HOST);
      answer(
          ctx,
          AdminResponse.text(421, "this port answers to IP addresses and localhost only\n"),
          head,
          false);
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
      case "/livez" -> answer(ctx, probes.live(), head, keepAlive);
      case "/readyz" -> answer(ctx, probes.ready(query), head, keepAlive);
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
    try {
      pageMaker.make(
          () -> ctx.channel().isActive(),
          page,
          query,
          made -> ctx.executor().execute(() -> answer(ctx, made, head, keepAlive)));
    } catch (RejectedExecutionException e) {
      connections.count(Cut.PAGES);
      answer(ctx, AdminResponse.text(503, "too many requests wait for a page\n"), head, false);
    }
  }

  private void answer(
      ChannelHandlerContext ctx, AdminResponse answer, boolean head, boolean keepAlive) {
    if (!ctx.channel().isActive()) {
      return;
    }
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
    connections.answer(ctx.channel(), head ? 0 : body.length);
    arm(ctx, HardLimits.ADMIN_ANSWER_SECONDS, Cut.SLOW_READER);
    ctx.writeAndFlush(response)
        .addListener(
            written -> {
              disarm();
              connections.taken(ctx.channel());
              if (keepAlive && written.isSuccess()) {
                // Not from within the answer to the last one: many may have come together.
                ctx.executor().execute(() -> next(ctx, HardLimits.ADMIN_IDLE_SECONDS));
              } else {
                ctx.close();
              }
            });
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!(cause instanceof IOException)) {
      LOG.warn("an admin connection fails", cause);
    }
    ctx.close();
  }
}
