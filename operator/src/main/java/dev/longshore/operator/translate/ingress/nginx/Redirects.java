package dev.longshore.operator.translate.ingress.nginx;

import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Where clients are sent. A temporal redirect goes before a permanent one, and both before the
 * backend ({@code internal/ingress/annotations/redirect}); what can't be read closes the rules, for
 * without it their requests would go to the backend.
 */
final class Redirects implements Family {
  private static final int PERMANENT = 301;
  private static final int TEMPORAL = 302;

  /** Those that send somewhere; nginx takes a few more, which send nowhere. */
  private static final Set<String> STATUSES = Set.of("301", "302", "303", "307", "308");

  private static final List<String> OURS =
      List.of(
          "redirect-scheme",
          "redirect-host",
          "redirect-port",
          "redirect-path",
          "redirect-full-path",
          "redirect-status",
          "respond-status",
          "respond-content-type",
          "respond-body",
          "respond-body-ref");

  private static final Pattern ROOT = Pattern.compile("/[!-#%-\\[\\]-~]{0,1023}");

  private final NginxAnnotations nginx;

  Redirects(NginxAnnotations nginx) {
    this.nginx = nginx;
  }

  @Override
  public void judge(String name, String value, String at, Served served, Problems found) {
    String ours = OURS.stream().filter(nginx::hasOurs).findFirst().orElse(null);
    if (ours != null && !name.equals("from-to-www-redirect")) {
      found.note(Reason.NO_EFFECT, at, "longshore.dev/" + ours + " says it here");
      return;
    }
    switch (name) {
      case "temporal-redirect" -> redirect(value, name, TEMPORAL, at, served, found);
      case "permanent-redirect" -> {
        if (nginx.isWritten("temporal-redirect")) {
          found.note(Reason.NO_EFFECT, at, "no effect: temporal-redirect goes before it");
        } else {
          redirect(value, name, PERMANENT, at, served, found);
        }
      }
      case "temporal-redirect-code" -> code(value, "temporal-redirect", TEMPORAL, at, found);
      case "permanent-redirect-code" -> code(value, "permanent-redirect", PERMANENT, at, found);
      case "app-root" -> root(value, at, served, found);
      case "from-to-www-redirect" ->
          found.note(
              Reason.TRANSLATED,
              at,
              "is served: of a host that no rule has, the other name, with or without www, is"
                  + " sent to it with 308");
      default -> throw new IllegalStateException("nobody reads " + name);
    }
  }

  private void redirect(
      String value, String name, int otherwise, String at, Served served, Problems found) {
    try {
      served.redirect(NginxRedirect.parse(value, status(name, otherwise)), at);
      found.note(
          Reason.TRANSLATED,
          at,
          "is served: "
              + status(name, otherwise)
              + " to "
              + Quote.of(value)
              + ", and the backend is not asked");
    } catch (IllegalArgumentException e) {
      found.fault(
          Reason.UNSUPPORTED_VALUE,
          at,
          "is not served, and decides where requests go, so the rules answer 503: "
              + e.getMessage());
    }
  }

  private int status(String name, int otherwise) {
    String text = nginx.nginx(name + "-code");
    return text == null || !STATUSES.contains(text.strip())
        ? otherwise
        : Integer.parseInt(text.strip());
  }

  private void code(String value, String of, int otherwise, String at, Problems found) {
    if (!nginx.isWritten(of)) {
      found.note(Reason.NO_EFFECT, at, "no effect: by itself, without " + of + ", it does nothing");
    } else if (STATUSES.contains(value)) {
      found.note(Reason.TRANSLATED, at, "is served with " + of);
    } else {
      found.warn(
          Reason.NOT_SUPPORTED,
          at,
          Quote.of(value)
              + " is none of 301, 302, 303, 307 and 308; "
              + otherwise
              + ", the default, holds");
    }
  }

  private static void root(String value, String at, Served served, Problems found) {
    if (value.equals("/")) {
      found.note(Reason.NO_EFFECT, at, "no effect: it leads from / to /");
    } else if (!ROOT.matcher(value).matches() || value.startsWith("//")) {
      found.warn(
          Reason.NOT_SUPPORTED,
          at,
          "is not served, and / goes to its backend: "
              + Quote.of(value)
              + " is not an absolute path such as /app, without variables and blanks");
    } else {
      served.root(value);
      found.note(
          Reason.TRANSLATED,
          at,
          "is served: / is sent to " + Quote.of(value) + " of the same host with 302");
    }
  }
}
