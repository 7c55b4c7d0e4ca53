package dev.longshore.operator.translate.upstream;

import dev.longshore.api.v1alpha1.Upstream;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is spoken with the endpoints of an upstream. What the manifest says goes before what the
 * Service says of its port.
 *
 * @param secure whether over TLS
 * @param http2 whether requests are sent by HTTP/2
 */
record Spoken(boolean secure, boolean http2) {
  private static final Spoken HTTP = new Spoken(false, false);
  private static final Spoken HTTPS = new Spoken(true, false);
  private static final Spoken H2C = new Spoken(false, true);
  private static final Spoken H2 = new Spoken(true, true);

  /**
   * Reads it.
   *
   * @param appProtocol of the Service's port; null: nothing
   * @param path of that port, for what is to be said of it
   */
  static Spoken of(
      Upstream upstream, @Nullable String appProtocol, String path, Problems problems) {
    return switch (upstream.protocol()) {
      case null -> of(appProtocol, path, problems);
      case WS -> HTTP;
      case WSS -> HTTPS;
      case H2C -> H2C;
      case H2 -> H2;
      case GRPC -> upstream.tls() == null ? H2C : H2;
    };
  }

  /**
   * Names as of KEP-1435, IANA and meshes; without regard to case, for charts write them in all.
   */
  private static Spoken of(@Nullable String appProtocol, String path, Problems problems) {
    return switch (appProtocol == null ? "" : appProtocol.strip().toLowerCase(Locale.ROOT)) {
      case "https", "wss", "kubernetes.io/wss", "kubernetes.io/https", "tls" -> HTTPS;
      // A server of gRPC-Web is one of HTTP/1.1, too.
      case "",
          "http",
          "ws",
          "kubernetes.io/ws",
          "kubernetes.io/http",
          "http1",
          "http/1.1",
          "tcp",
          "grpc-web" ->
          HTTP;
      case "h2c", "kubernetes.io/h2c", "http2", "grpc", "kubernetes.io/grpc" -> H2C;
      case "h2", "kubernetes.io/h2", "grpcs", "kubernetes.io/grpcs" -> H2;
      case "fcgi", "fastcgi" -> {
        problems.fault(
            Reason.UNSUPPORTED_VALUE,
            path,
            "its appProtocol "
                + Quote.of(appProtocol)
                + " is not spoken, so the rules answer 503: HTTP/1.1, HTTP/2 and WebSockets are");
        yield HTTP;
      }
      default -> {
        problems.warn(
            Reason.UNSUPPORTED_VALUE,
            path,
            "its appProtocol "
                + Quote.of(appProtocol)
                + " is not spoken: endpoints are spoken to in HTTP/1.1 in the clear; write http,"
                + " https, kubernetes.io/ws, kubernetes.io/wss or kubernetes.io/h2c in the"
                + " Service");
        yield HTTP;
      }
    };
  }
}
