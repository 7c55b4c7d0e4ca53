package dev.longshore.proxy.dial;

import dev.longshore.proxy.http.UpstreamListener;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;

/** One who does nothing about what it hears; tests say what of it they care for. */
class Deaf implements UpstreamListener {
  @Override
  public void connected() {}

  @Override
  public void connectFailed(Throwable cause) {}

  @Override
  public void tlsFailed(Throwable cause) {}

  @Override
  public void upstreamClosed(Loss loss) {}

  @Override
  public void delivered() {}

  @Override
  public void answer(HttpResponseStatus status, HttpHeaders fields) {}

  @Override
  public void answerData(ByteBuf bytes, boolean last) {}

  @Override
  public void answerTrailers(HttpHeaders trailers) {}

  @Override
  public void answerMalformed(Throwable cause) {}

  @Override
  public void upstreamReadComplete() {}

  @Override
  public void upstreamWritabilityChanged() {}
}
