package dev.longshore.operator.translate.ingress.nginx;

import dev.longshore.operator.translate.field.HeaderNames;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.regex.Pattern;

/** Headers of answers that NGINX Inc's annotations set and take away. */
final class AnswerHeaders implements Family {
  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,10}");

  /** What is sent when nothing is said. */
  private static final String THIRTY_DAYS = "2592000";

  private static final int MOST = 32;

  private final NginxAnnotations nginx;

  AnswerHeaders(NginxAnnotations nginx) {
    this.nginx = nginx;
  }

  @Override
  public void judge(String name, String value, String at, Served served, Problems found) {
    switch (name) {
      case "hsts" -> {
        String header = strictTransport();
        served.header(Served.Direction.RESPONSE, "Strict-Transport-Security", header, at);
        Served.translated(found, at, "Strict-Transport-Security: " + header);
      }
      case "proxy-hide-headers" -> hide(value, at, served, found);
      default -> throw new IllegalStateException("nobody reads " + name);
    }
  }

  private String strictTransport() {
    String given = nginx.inc("hsts-max-age");
    String age =
        given != null && SECONDS.matcher(given.strip()).matches() ? given.strip() : THIRTY_DAYS;
    boolean below = !NginxAnnotations.isFalse(nginx.inc("hsts-include-subdomains"));
    return "max-age=" + age + (below ? "; includeSubDomains" : "");
  }

  private static void hide(String value, String at, Served served, Problems found) {
    String[] names = value.split(",", MOST + 1);
    try {
      if (names.length > MOST) {
        throw new IllegalArgumentException("more than " + MOST + " headers are named");
      }
      for (String name : names) {
        HeaderNames.editable(name.strip());
      }
    } catch (IllegalArgumentException e) {
      found.warn(
          Reason.NOT_SUPPORTED, at, "is not served, and these headers pass: " + e.getMessage());
      return;
    }
    for (String name : names) {
      served.header(Served.Direction.RESPONSE, name.strip(), null, at);
    }
    found.note(Reason.TRANSLATED, at, "is served: these headers are taken away");
  }
}
