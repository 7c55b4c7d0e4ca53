package dev.longshore.proxy.tls;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What of a ClientHello (RFC 8446 §4.1.2) decides about the certificate: read before any library
 * sees it, so that the choice is the same whichever it is.
 *
 * @param serverName of the server_name extension (RFC 6066 §3), lower case, without trailing dot;
 *     null when there is none
 * @param http11 whether HTTP/1.1 may be spoken: offered by ALPN (RFC 7301), or nothing is
 * @param http2 whether HTTP/2 is offered by ALPN
 * @param tls13 whether it offers TLS 1.3
 * @param ecdsaSuites whether it offers a suite of TLS 1.2 that takes an ECDSA certificate
 * @param schemes bits of the signature schemes that it verifies
 */
record ClientHello(
    @Nullable String serverName,
    boolean http11,
    boolean http2,
    boolean tls13,
    boolean ecdsaSuites,
    int schemes) {
  /** Larger ones are none: the largest that are sent, with post-quantum keys, have about 2 KiB. */
  static final int MAX_BYTES = 16 * 1024;

  private static final int ECDSA_P256 = 1;
  private static final int ECDSA_P384 = 2;
  private static final int ECDSA_P521 = 4;
  private static final int ED25519 = 8;

  private static final int SERVER_NAME = 0;
  private static final int SIGNATURE_ALGORITHMS = 13;
  private static final int ALPN = 16;
  private static final int SUPPORTED_VERSIONS = 43;
  private static final int TLS_1_3 = 0x0304;
  private static final int LEGACY_VERSION_AND_RANDOM = 2 + 32;

  /** TLS_ECDHE_ECDSA_WITH_ AES_128_GCM, AES_256_GCM, CHACHA20, AES_128_CBC and AES_256_CBC. */
  private static final Set<Integer> ECDSA_SUITES = Set.of(0xC02B, 0xC02C, 0xCCA9, 0xC009, 0xC00A);

  /**
   * Reads the body of a ClientHello message.
   *
   * @throws IllegalArgumentException if it isn't one
   */
  static ClientHello parse(ByteBuf hello) {
    try {
      return new Parser().parse(hello.slice());
    } catch (IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("the ClientHello is cut short", e);
    }
  }

  /** Whether a server can prove itself to this client by such a key. RSA is what is left. */
  boolean verifies(KeyKind kind, int bits) {
    return switch (kind) {
      case ECDSA -> (tls13 || ecdsaSuites) && (schemes & ecdsaScheme(bits)) != 0;
      case EDDSA -> (tls13 || ecdsaSuites) && (schemes & ED25519) != 0;
      case RSA -> true;
    };
  }

  /** TLS 1.3 ties a scheme to a curve (RFC 8446 §4.2.3); clients of 1.2 that differ are rare. */
  private static int ecdsaScheme(int bits) {
    return bits <= 256 ? ECDSA_P256 : bits <= 384 ? ECDSA_P384 : ECDSA_P521;
  }

  /** The parts as they come; there is at most one extension of each type. */
  private static final class Parser {
    private @Nullable String serverName;
    private boolean http11 = true;
    private boolean http2;
    private boolean tls13;
    private boolean ecdsaSuites;
    private int schemes;

    ClientHello parse(ByteBuf in) {
      in.skipBytes(LEGACY_VERSION_AND_RANDOM);
      in.skipBytes(in.readUnsignedByte());
      ByteBuf suites = in.readSlice(in.readUnsignedShort());
      while (suites.isReadable()) {
        ecdsaSuites |= ECDSA_SUITES.contains(suites.readUnsignedShort());
      }
      in.skipBytes(in.readUnsignedByte());
      if (in.isReadable()) {
        ByteBuf extensions = in.readSlice(in.readUnsignedShort());
        while (extensions.isReadable()) {
          int type = extensions.readUnsignedShort();
          extension(type, extensions.readSlice(extensions.readUnsignedShort()));
        }
      }
      return new ClientHello(serverName, http11, http2, tls13, ecdsaSuites, schemes);
    }

    private void extension(int type, ByteBuf body) {
      switch (type) {
        case SERVER_NAME -> serverName = serverName(body.readSlice(body.readUnsignedShort()));
        case SIGNATURE_ALGORITHMS -> {
          ByteBuf offered = body.readSlice(body.readUnsignedShort());
          while (offered.isReadable()) {
            schemes |= scheme(offered.readUnsignedShort());
          }
        }
        case ALPN -> protocols(body.readSlice(body.readUnsignedShort()));
        case SUPPORTED_VERSIONS -> {
          ByteBuf offered = body.readSlice(body.readUnsignedByte());
          while (offered.isReadable()) {
            tls13 |= offered.readUnsignedShort() == TLS_1_3;
          }
        }
        default -> {}
      }
    }

    private static int scheme(int code) {
      return switch (code) {
        case 0x0403 -> ECDSA_P256;
        case 0x0503 -> ECDSA_P384;
        case 0x0603 -> ECDSA_P521;
        case 0x0807 -> ED25519;
        default -> 0;
      };
    }

    private static @Nullable String serverName(ByteBuf names) {
      while (names.isReadable()) {
        boolean hostName = names.readByte() == 0;
        ByteBuf name = names.readSlice(names.readUnsignedShort());
        if (hostName) {
          String text = name.toString(StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT);
          return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
        }
      }
      return null;
    }

    private void protocols(ByteBuf protocols) {
      http11 = false;
      while (protocols.isReadable()) {
        ByteBuf protocol = protocols.readSlice(protocols.readUnsignedByte());
        switch (protocol.toString(StandardCharsets.US_ASCII)) {
          case "http/1.1" -> http11 = true;
          case "h2" -> http2 = true;
          default -> {}
        }
      }
    }
  }
}
