package dev.longshore.proxy.http1;

import dev.longshore.contract.Settings;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The head of a request, whole and byte by byte: both are read the same, and what is accepted looks
 * as RFC 9112 has it to a reader who knows nothing of leniency.
 */
public final class RequestHeadFuzz {
  /** What bytes a target may have is asked of who reads it: see RequestTargetFuzz. */
  private static final Pattern LINE = Pattern.compile("[!-~]+ [^ \\r\\n]+ HTTP/1\\.[01]");

  private static final Pattern FIELD =
      Pattern.compile("[-!#$%&'*+.^_`|~0-9A-Za-z]+:[\\t -~\\x80-\\xFF]*");

  private RequestHeadFuzz() {}

  /** Loads what is needed, so that the first input takes no longer than the others. */
  public static void fuzzerInitialize() {
    fuzzerTestOneInput(new byte[0]);
  }

  /** One input. */
  public static void fuzzerTestOneInput(byte[] data) {
    String whole = read(data, data.length);
    String pieces = read(data, 1);
    if (!whole.equals(pieces)) {
      throw new AssertionError("whole: " + whole + ", in pieces: " + pieces);
    }
  }

  private static String read(byte[] data, int piece) {
    EmbeddedChannel channel = new EmbeddedChannel(new RequestDecoder(Settings.DEFAULT.bounds()));
    try {
      for (int at = 0; at < data.length; at += piece) {
        channel.writeInbound(Unpooled.wrappedBuffer(data, at, Math.min(piece, data.length - at)));
      }
      Object first = channel.readInbound();
      try {
        return first instanceof HttpRequest request ? describe(request, data) : "nothing";
      } finally {
        ReferenceCountUtil.release(first);
      }
    } finally {
      channel.finishAndReleaseAll();
    }
  }

  private static String describe(HttpMessage message, byte[] data) {
    if (message.decoderResult().isFailure()) {
      return "refused";
    }
    HttpRequest request = (HttpRequest) message;
    String text = new String(data, StandardCharsets.ISO_8859_1);
    int end = text.indexOf("\r\n\r\n");
    String head = end < 0 ? text : text.substring(0, end);
    // Empty lines before a request are robustness that RFC 9112 §2.2 asks for.
    String[] lines = head.replaceFirst("^(\\r\\n)+", "").split("\r\n", -1);
    if (end >= 0
        && lines[0].equals(
            request.method() + " " + request.uri() + " " + request.protocolVersion())) {
      check(LINE.matcher(lines[0]).matches(), "line " + lines[0]);
      for (int i = 1; i < lines.length; i++) {
        check(FIELD.matcher(lines[i]).matches(), "field " + lines[i]);
      }
    }
    List<Map.Entry<String, String>> fields = request.headers().entries();
    for (Map.Entry<String, String> field : fields) {
      check(
          field.getValue().chars().noneMatch(c -> c == '\r' || c == '\n' || c == 0),
          "a value that is two");
    }
    check(
        !(request.headers().contains("content-length")
            && request.headers().contains("transfer-encoding")),
        "two lengths");
    return request.method() + " " + request.uri() + " " + fields;
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
