package dev.longshore.proxy.listen;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import java.util.Objects;

/** A PROXY header, whole and byte by byte, is the same one, or none in both. */
public final class ProxyHeaderFuzz {
  private ProxyHeaderFuzz() {}

  /** Loads what is needed, so that the first input takes no longer than the others. */
  public static void fuzzerInitialize() {
    fuzzerTestOneInput(new byte[0]);
  }

  /** One input. */
  public static void fuzzerTestOneInput(byte[] data) {
    String whole = read(data, Math.max(1, data.length));
    String pieces = read(data, 1);
    if (!Objects.equals(whole, pieces)) {
      throw new AssertionError("whole: " + whole + ", in pieces: " + pieces);
    }
  }

  private static String read(byte[] data, int piece) {
    EmbeddedChannel channel =
        new EmbeddedChannel(new HAProxyMessageDecoder(ProxyHeaderGate.MAX_TLV_BYTES));
    try {
      for (int at = 0; at < data.length; at += piece) {
        int length = Math.min(piece, data.length - at);
        ByteBuf bytes = Unpooled.copiedBuffer(data, at, length);
        channel.writeInbound(bytes);
        Object message = channel.readInbound();
        if (message instanceof HAProxyMessage header) {
          try {
            return header.command() + " " + header.sourceAddress() + " " + header.sourcePort();
          } finally {
            header.release();
          }
        }
      }
      return "none";
    } catch (DecoderException e) {
      return "none";
    } finally {
      try {
        channel.finishAndReleaseAll();
      } catch (DecoderException e) {
        // Its last words on what is left.
      }
    }
  }
}
