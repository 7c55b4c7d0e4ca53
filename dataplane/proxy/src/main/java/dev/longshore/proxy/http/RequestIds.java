package dev.longshore.proxy.http;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Values of X-Request-Id: 128 random bits in hexadecimal. Not a secret, only unlikely to repeat.
 */
public final class RequestIds {
  /** The field that has it, of requests and of answers of our own. */
  public static final AsciiString FIELD = AsciiString.cached("X-Request-Id");

  private static final int MAX_LENGTH = 128;
  private static final byte[] HEX =
      "0123456789abcdef".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

  private final SplittableRandom random = new SplittableRandom();
  private final byte[] text = new byte[32];

  /** A fresh one. On one thread. */
  @SuppressWarnings("deprecation") // The bytes are ASCII, and this constructor only copies them.
  public String next() {
    write(random.nextLong(), 0);
    write(random.nextLong(), 16);
    return new String(text, 0);
  }

  /** That of a request: a trusted peer's, if it brings one that can be kept, or a fresh one. */
  public String of(HttpHeaders fields, boolean peerTrusted) {
    if (peerTrusted) {
      String theirs = fields.get(FIELD);
      if (isUsable(theirs)) {
        return theirs;
      }
    }
    return next();
  }

  private void write(long bits, int at) {
    long rest = bits;
    for (int i = 0; i < 16; i++) {
      text[at + i] = HEX[(int) (rest & 15)];
      rest >>>= 4;
    }
  }

  /** Whether a trusted peer's value can be kept: 1 to 128 visible ASCII characters. */
  static boolean isUsable(@Nullable String value) {
    if (value == null || value.isEmpty() || value.length() > MAX_LENGTH) {
      return false;
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c <= ' ' || c >= 0x7f || c == '"' || c == '\\') {
        return false;
      }
    }
    return true;
  }
}
