package dev.longshore.operator.translate.ingress.nginx;

import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.Locale;

/** What is spoken with endpoints. */
final class Backend implements Family {
  private final NginxAnnotations nginx;

  Backend(NginxAnnotations nginx) {
    this.nginx = nginx;
  }

  @Override
  public void judge(String name, String value, String at, Served served, Problems found) {
    switch (name) {
      case "backend-protocol" -> protocol(value, at, found);
      case "secure-backends" -> verified("wss", at, found);
      case "proxy-ssl-secret", "proxy-ssl-name" -> {
        if (!nginx.isSecure()) {
          found.note(Reason.NO_EFFECT, at, "no effect: endpoints are not spoken to over TLS");
        }
      }
      default -> throw new IllegalStateException("nobody reads " + name);
    }
  }

  private void protocol(String value, String at, Problems found) {
    switch (value.toUpperCase(Locale.ROOT)) {
      case "", "HTTP" -> {}
      case "HTTPS" -> verified("wss", at, found);
      case "GRPC" ->
          found.note(
              Reason.TRANSLATED,
              at,
              "is served as longshore.dev/backend-protocol: h2c, in the clear");
      case "GRPCS" -> verified("h2", at, found);
      case "FCGI", "AUTO_HTTP" ->
          found.fault(
              Reason.UNSUPPORTED_VALUE,
              at,
              Quote.of(value)
                  + " is not spoken to backends, so the rules answer 503: HTTP, HTTPS, GRPC and"
                  + " GRPCS are");
      default ->
          found.warn(
              Reason.NOT_SUPPORTED,
              at,
              Quote.of(value)
                  + " is none of its values, and HTTP is spoken, as ingress-nginx does then: write"
                  + " HTTP, HTTPS, GRPC or GRPCS");
    }
  }

  private void verified(String protocol, String at, Problems found) {
    String served =
        "is served as longshore.dev/backend-protocol: "
            + protocol
            + ", which verifies the endpoints'"
            + " certificates (ingress-nginx does not by itself) by ";
    if (nginx.sslSecret() == null) {
      found.warn(
          Reason.TRANSLATED,
          at,
          served
              + "the system's authorities; if theirs are others the answer is 502: name a Secret"
              + " with ca.crt in "
              + NginxAnnotations.PREFIX
              + "proxy-ssl-secret");
    } else {
      found.note(Reason.TRANSLATED, at, served + "proxy-ssl-secret");
    }
  }
}
