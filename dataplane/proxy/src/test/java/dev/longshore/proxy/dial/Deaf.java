package dev.longshore.proxy.dial;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;

/** One who does nothing about what it hears; tests say what of it they care for. */
class Deaf implements UpstreamListener {
  @Override
  public void connected() {}

  @Override
  public void connectFailed(Throwable cause) {}

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
