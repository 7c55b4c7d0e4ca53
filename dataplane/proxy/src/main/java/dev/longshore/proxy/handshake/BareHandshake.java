package dev.longshore.proxy.handshake;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A handshake that nobody but the proxy itself asks for: it offers nothing, and its answer is
 * verified as strictly as any. For one connection.
 */
public final class BareHandshake {
  private static final int KEY_BYTES = 16;

  private final ClientHandshake offer;

  /** With a key of its own. */
  public BareHandshake() {
    byte[] nonce = new byte[KEY_BYTES];
    // It keeps answers apart, not secrets (RFC 6455 §10.3 wants it random, no more).
    ThreadLocalRandom.current().nextBytes(nonce);
    this.offer =
        new ClientHandshake(Base64.getEncoder().encodeToString(nonce), List.of(), List.of());
  }

  /** Sec-WebSocket-Key. */
  public String key() {
    return offer.key();
  }

  /** Whether the head of a 101 is an answer to this. */
  public boolean isAcceptedBy(HttpHeaders answer) {
    return VerifiedHandshake.verify(answer, offer, new AcceptKey().answerTo(offer.key()))
        instanceof VerifiedHandshake.Result.Agreed;
  }
}
