package dev.longshore.proxy.filter;

import dev.longshore.contract.policy.HeaderEdits;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.proof.Proof;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** What a filter says of a request. */
public sealed interface Verdict {
  /** The next filter is asked. */
  Verdict PASS = new Pass();

  /** Nothing speaks against it; {@link #PASS} is the one instance. */
  record Pass() implements Verdict {}

  /**
   * The next filter is asked, and the request goes upstream with other fields. They come after the
   * policy's own edits, so those can't undo them. Fields of the hop are left alone, and of the
   * handshake all but {@code Sec-WebSocket-Protocol}.
   *
   * @param edits whose names are theirs alone: a client's own values don't get through
   */
  record Edit(HeaderEdits edits) implements Verdict {}

  /**
   * As {@link Edit}, and what it was let in by is kept of the tunnel that it may become.
   *
   * @param proof without anything with which somebody else could come
   */
  record Proven(Proof proof, HeaderEdits edits) implements Verdict {
    /** One that goes upstream as it is. */
    static Proven by(Proof proof) {
      return new Proven(proof, HeaderEdits.NONE);
    }
  }

  /** It is answered by the proxy, and no other filter is asked. */
  record Answer(LocalAnswer answer) implements Verdict {}

  /**
   * The verdict comes later: until then the connection reads no further request, and nothing waits
   * on its event loop. It is cancelled when the client goes or its time is over, so whoever
   * completes it stops what is done for it then.
   *
   * @param verdict completed by any thread; exceptionally: the request is answered 503
   * @param within how long it may take; above zero. Beyond: 503
   */
  record Later(CompletableFuture<Verdict> verdict, Duration within) implements Verdict {}
}
