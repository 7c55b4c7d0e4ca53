package dev.longshore.proxy.handshake;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * Sec-WebSocket-Key and the Sec-WebSocket-Accept that answers it (RFC 6455 §4.2.2). Keeps one
 * digest, so it belongs to one thread.
 */
final class AcceptKey {
  private static final byte[] GUID =
      "258EAFA5-E914-47DA-95CA-C5AB0DC85B11".getBytes(StandardCharsets.US_ASCII);

  private final MessageDigest sha1;

  AcceptKey() {
    try {
      sha1 = MessageDigest.getInstance("SHA-1");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }

  /** The only right answer to a key. */
  @SuppressWarnings("deprecation") // Base64 is ASCII, and this constructor only copies it.
  String answerTo(String key) {
    sha1.update(key.getBytes(StandardCharsets.ISO_8859_1));
    sha1.update(GUID);
    return new String(Base64.getEncoder().encode(sha1.digest()), 0);
  }
}
