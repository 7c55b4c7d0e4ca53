package dev.longshore.proxy.http;

import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.answer.Reason;
import dev.longshore.proxy.filter.Verdict;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * The exchange of a request whose admission is not decided yet: a filter's verdict comes later,
 * from whatever thread. Nothing of the request is read on, so what the client sends meanwhile stays
 * in the kernel or undecoded. Without a verdict nobody is let in: when there is none in time, or
 * finding it failed, the answer is 503.
 */
final class PendingAdmission implements Exchange {
  private static final LocalAnswer UNDECIDED =
      LocalAnswer.unavailable("it can't be told now whether you may pass");

  private final ClientStream client;
  private final Exchanges exchanges;
  private final Decision.Waiting waiting;
  private final Verdict.Later later;
  private boolean over;

  PendingAdmission(ClientStream client, Decision.Undecided undecided, Exchanges exchanges) {
    this.client = client;
    this.exchanges = exchanges;
    this.waiting = undecided.waiting();
    this.later = undecided.later();
  }

  @Override
  public void start() {
    client.arm(later.within());
    var _ =
        later
            .verdict()
            .whenComplete((found, failure) -> client.execute(() -> hear(found, failure)));
  }

  private void hear(@Nullable Verdict found, @Nullable Throwable failure) {
    try {
      completed(found, failure);
    } catch (RuntimeException | Error e) {
      // As when a message can't be handled: nobody else would end it.
      client.cut();
      throw e;
    }
  }

  private void completed(@Nullable Verdict found, @Nullable Throwable failure) {
    if (over) {
      return;
    }
    over = true;
    client.arm(Duration.ZERO);
    decide(decision(found, failure));
  }

  private void decide(Decision decision) {
    exchanges.decided(client, waiting.request(), decision);
  }

  private Decision decision(@Nullable Verdict found, @Nullable Throwable failure) {
    if (found == null) {
      return undecided(
          failure == null || failure instanceof CancellationException
              ? "a filter had no verdict"
              : HttpAnswers.words(failure));
    }
    try {
      return waiting.goOn(found);
    } catch (RuntimeException e) {
      return undecided(HttpAnswers.words(e));
    }
  }

  private Decision undecided(String why) {
    return waiting.refused(UNDECIDED.because(Reason.UNAVAILABLE, why));
  }

  @Override
  public void expired() {
    if (!over) {
      over = true;
      later.verdict().cancel(false);
      decide(undecided("a filter had no verdict in time"));
    }
  }

  @Override
  public void clientGone() {
    if (!over) {
      over = true;
      exchanges.left(waiting.request(), waiting.refused(UNDECIDED));
      later.verdict().cancel(false);
    }
  }

  @Override
  public boolean needsInput() {
    return waiting.request().websocket();
  }

  @Override
  public void requestData(ByteBuf bytes, boolean last) {
    // Not to be expected: nothing is read.
    bytes.release();
  }

  @Override
  public void requestTrailers(HttpHeaders trailers) {
    // Nor this.
  }

  @Override
  public void requestMalformed(Throwable cause) {
    // Nor this.
  }

  @Override
  public void clientReadComplete() {
    // Nothing goes upstream yet.
  }

  @Override
  public void clientWritabilityChanged() {
    // Nothing was written.
  }

  @Override
  public long heldBytes() {
    return 0;
  }
}
