package dev.longshore.operator.translate.ingress.nginx;

import dev.longshore.api.v1alpha1.Auth.Basic;
import dev.longshore.contract.policy.BasicAuth;
import dev.longshore.operator.translate.policy.BasicReader;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Names and passwords, of a Secret of the Ingress's own namespace. Whatever can't be served closes
 * the rules.
 */
final class Passwords implements Family {
  private static final String CLOSED =
      "is not served, and decides who may come, so the rules answer 503: ";

  private final NginxAnnotations nginx;

  Passwords(NginxAnnotations nginx) {
    this.nginx = nginx;
  }

  @Override
  public void judge(String name, String value, String at, Served served, Problems found) {
    if (name.equals("satisfy")) {
      satisfy(value, at, found);
    } else if (!nginx.isWritten("auth-type")) {
      found.note(Reason.NO_EFFECT, at, "no effect: by itself, without auth-type, it does nothing");
    } else if (nginx.hasOurs("auth-basic")) {
      found.note(Reason.NO_EFFECT, at, "longshore.dev/auth-basic says it here");
    } else {
      switch (name) {
        case "auth-type" -> type(value, at, served, found);
        case "auth-secret" -> secret(value, at, found);
        case "auth-secret-type" -> {
          if (value.equals("auth-file")) {
            found.note(Reason.TRANSLATED, at, "is served with auth-type");
          } else {
            fault(
                at,
                Quote.of(value)
                    + " is no file: write the users as lines of name:hash into the entry auth of"
                    + " the Secret",
                found);
          }
        }
        case "auth-realm" -> {
          if (BasicAuth.isRealm(value)) {
            found.note(Reason.TRANSLATED, at, "is served with auth-type");
          } else {
            found.warn(
                Reason.NOT_SUPPORTED,
                at,
                "is not served, and the default is told: it must be " + BasicAuth.REALM);
          }
        }
        default -> throw new IllegalStateException("nobody reads " + name);
      }
    }
  }

  private void type(String value, String at, Served served, Problems found) {
    String secret = nginx.nginx("auth-secret");
    if (!value.equals("basic")) {
      fault(
          at,
          value.equals("digest")
              ? "digests need passwords in the clear, or MD5 of them: write basic, over TLS"
              : Quote.of(value) + " is not basic",
          found);
    } else if (secret == null || secret.isBlank()) {
      fault(at, "auth-secret names no Secret with an entry auth", found);
    } else {
      String name = name(secret.strip());
      String given = nginx.nginx("auth-realm");
      String realm = given != null && BasicAuth.isRealm(given.strip()) ? given.strip() : null;
      if (name != null) {
        served.guard(BasicReader.BASIC, new Basic(name, realm), at);
        boolean file = nginx.nginx("auth-secret-type") == null;
        if (file && realm == null) {
          served.same(at, Map.of("auth-basic", name));
        }
      }
      Served.translated(found, at, "longshore.dev/auth-basic: " + Quote.of(secret.strip()));
    }
  }

  private void secret(String value, String at, Problems found) {
    if (name(value) == null) {
      found.fault(
          Reason.REF_NOT_PERMITTED,
          at,
          CLOSED + Quote.of(value) + " is not of the namespace of the Ingress: copy it there");
    } else {
      found.note(Reason.TRANSLATED, at, "is served with auth-type");
    }
  }

  /** Its name in the namespace of the Ingress; null: it is of another one. */
  private @Nullable String name(String secret) {
    int slash = secret.indexOf('/');
    return slash < 0
        ? secret
        : secret.substring(0, slash).equals(nginx.namespace()) ? secret.substring(slash + 1) : null;
  }

  /** Both have to be content here: what lets anybody of two in could not be served by that. */
  private void satisfy(String value, String at, Problems found) {
    boolean asks = nginx.isWritten("auth-type") || nginx.isWritten("auth-url");
    boolean lists = nginx.isWritten(nginx.allowName()) || nginx.isWritten("denylist-source-range");
    if (!value.equals("any") || !asks || !lists) {
      found.note(
          Reason.NO_EFFECT,
          at,
          value.equals("any") && !asks && !lists
              ? "no effect: by itself, without auth-url, auth-type and whitelist-source-range, it"
                  + " does nothing"
              : "no effect here: all that asks has to be content");
    } else {
      fault(
          at,
          "who passes the list of addresses has to sign in here as well: write two Ingresses, or"
              + " remove it",
          found);
    }
  }

  private static void fault(String at, String why, Problems found) {
    found.fault(Reason.UNSUPPORTED_VALUE, at, CLOSED + why);
  }
}
