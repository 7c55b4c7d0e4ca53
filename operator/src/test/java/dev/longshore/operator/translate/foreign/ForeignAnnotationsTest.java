package dev.longshore.operator.translate.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.operator.translate.ingress.nginx.NginxAnnotations;
import dev.longshore.operator.translate.verdict.Problem;
import dev.longshore.operator.translate.verdict.Problem.Severity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said of annotations of other controllers, and which of them close. */
final class ForeignAnnotationsTest {
  private static final String NGINX = "nginx.ingress.kubernetes.io/";

  /** Values that switch nothing off. */
  private static final Map<String, String> VALUES =
      Map.of(
          "whitelist-source-range", "10.0.0.0/8",
          "allowlist-source-range", "10.0.0.0/8",
          "denylist-source-range", "10.0.0.0/8");

  private static List<Problem> judge(String... annotations) {
    Map<String, String> all = new TreeMap<>();
    for (int i = 0; i < annotations.length; i += 2) {
      all.put(annotations[i], annotations[i + 1]);
    }
    return new ForeignAnnotations(all, new NginxAnnotations(all, "demo"), true).problems().all();
  }

  private static boolean closes(String... annotations) {
    Map<String, String> all = new TreeMap<>();
    for (int i = 0; i < annotations.length; i += 2) {
      all.put(annotations[i], annotations[i + 1]);
    }
    return new ForeignAnnotations(all, new NginxAnnotations(all, "demo"), true)
        .problems()
        .hasFault();
  }

  @Test
  void everyNameThatIngressNginxDocumentsIsInTheTable() throws IOException {
    try (var names = Files.lines(Path.of("src/test/resources/ingress-nginx-annotations.txt"))) {
      assertThat(names.filter(name -> !name.startsWith("#")))
          .hasSizeGreaterThan(110)
          .allSatisfy(name -> assertThat(ForeignTable.get().find(NGINX, name)).isNotNull());
    }
  }

  @Test
  void everyRowSaysWhatToDo() {
    for (String prefix : ForeignTable.get().prefixes()) {
      for (ForeignAnnotation row : ForeignTable.get().rows(prefix)) {
        switch (row.verdict()) {
          case LOST, NONE, NEVER -> assertThat(row.sentence()).as(row.pattern()).isNotEmpty();
          case CLOSE -> assertThat(row.with() + row.sentence()).as(row.pattern()).isNotEmpty();
          case WRITE, PART -> assertThat(row.with()).as(row.pattern()).isNotEmpty();
          case SERVE -> {
            String name = row.pattern();
            judge(prefix + name, VALUES.getOrDefault(name, "x"));
          }
          case QUIET -> {}
        }
        assertThat(prefix + row.pattern() + row.sentence()).doesNotContain("|");
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "proxy-read-timeout | 3600 | longshore.dev/idle-timeout: 1h",
        "proxy-read-timeout | 3600s | longshore.dev/response-timeout: 1h",
        "proxy-read-timeout | 3h | longshore.dev/idle-timeout: 3h",
        "proxy-send-timeout | 300 | longshore.dev/idle-timeout: 5m",
        "proxy-next-upstream-tries | 3 | longshore.dev/retries: 2",
        "proxy-next-upstream | off | longshore.dev/retries: 0",
        "limit-rps | 5 | longshore.dev/requests-per-second: 5, 25 at once",
        "limit-rpm | 120 | longshore.dev/handshakes-per-second: 2",
        "limit-rpm | 30 | longshore.dev/handshakes-per-second: 1",
        "proxy-connect-timeout | 5 | longshore.dev/connect-timeout: 5s",
        "limit-connections | 20 | longshore.dev/connections-per-client: 20",
        "affinity | cookie | longshore.dev/affinity-cookie: INGRESSCOOKIE",
        "upstream-hash-by | $http_x_user | longshore.dev/hash-on: Header:x-user",
        "upstream-hash-by | $cookie_session | longshore.dev/hash-on: Cookie:session",
        "upstream-hash-by | $arg_room | longshore.dev/hash-on: Query:room",
        "upstream-hash-by | $binary_remote_addr | longshore.dev/hash-on: ClientIP",
        "load-balance | round_robin | longshore.dev/load-balancing: RoundRobin",
        "whitelist-source-range | 10.0.0.0/8 | longshore.dev/allow: 10.0.0.0/8",
        "enable-cors | true | longshore.dev/cors-origins: *",
        "permanent-redirect | https://x.example.com/a | 301 to 'https://x.example.com/a'",
        "temporal-redirect | https://x.example.com$request_uri | 302 to",
        "app-root | /app | / is sent to '/app'",
        "from-to-www-redirect | true | with or without www",
        "websocket-services | chat | no such annotation: WebSockets pass",
      })
  void namesTheEquivalentWithTheValueTranslated(String name, String value, String said) {
    assertThat(judge(NGINX + name, value))
        .singleElement()
        .satisfies(problem -> assertThat(problem.message()).contains(said));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hsts | true | Strict-Transport-Security: max-age=2592000",
        "proxy-hide-headers | X-Powered-By, Server | these headers are taken away",
        "lb-method | hash $arg_room consistent | longshore.dev/hash-on: Query:room",
        "lb-method | ip_hash | longshore.dev/hash-on: ClientIP",
        "proxy-read-timeout | 1h30m | longshore.dev/idle-timeout: 1h30m",
      })
  void namesOfNginxIncAreServedToo(String name, String value, String said) {
    assertThat(judge("nginx.org/" + name, value))
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.severity()).isEqualTo(Severity.NORMAL);
              assertThat(problem.message()).contains(said);
            });
  }

  /** What they would have to be called; by which somebody thinks to be protected is a warning. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rate-limit | WARNING | it would be limit-rps",
        "rate-limit-rps | WARNING | it would be limit-rps",
        "ip-whitelist | WARNING | it would be whitelist-source-range",
        "basic-auth-secret | WARNING | it would be auth-type",
        "enable-websockets | NORMAL | WebSockets pass",
        "proxy-set-header-upgrade | NORMAL | written without being asked for",
        "client-max-body-size | NORMAL | it would be proxy-body-size",
        "sticky-session | NORMAL | it would be affinity",
        "proxy-read-timeouts | WARNING | did you mean proxy-read-timeout?",
        "conect-timeout | WARNING | no such annotation",
      })
  void whatNeverWasOneSaysWhatItWouldBe(String name, Severity severity, String said) {
    assertThat(judge(NGINX + name, "10"))
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.severity()).isEqualTo(severity);
              assertThat(problem.message()).contains(said);
            });
  }

  @ParameterizedTest
  @CsvSource({
    "proxy-buffering, off",
    "proxy-http-version, 1.1",
    "server-snippets, deny all;",
    "limit-burst-multiplier, 5",
    "auth-realm, Members",
    "auth-response-headers, X-User",
    "auth-tls-verify-client, on",
    "satisfy, any",
    "auth-snippet, deny all;",
    "canary-weight, 10",
    "upgrade, websocket",
    "session-cookie-name, route",
  })
  void whatDidNothingIsANoteAndClosesNothing(String name, String value) {
    assertThat(judge(NGINX + name, value))
        .singleElement()
        .satisfies(problem -> assertThat(problem.severity()).isEqualTo(Severity.NORMAL));
  }

  @ParameterizedTest
  @CsvSource({
    "backend-protocol, HTTP",
    "backend-protocol, http",
    "enable-modsecurity, false",
    "enable-cors, False",
    "ssl-passthrough, f",
    "limit-rps, 0",
    "ssl-redirect, true",
    "use-regex, false",
    "secure-backends, false",
  })
  void whatSaysTheDefaultIsNotSpokenOf(String name, String value) {
    assertThat(judge(NGINX + name, value)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "auth-url=http://auth/",
        "auth-url=https://$host/oauth2/auth",
        "auth-url=http://auth.other.svc.cluster.local/",
        "auth-type=basic",
        "auth-type=digest",
        "auth-tls-secret=demo/ca",
        "limit-rps=many",
        "limit-rpm=10",
        "limit-connections=-1",
        "enable-modsecurity=true",
        "modsecurity-snippet=SecRuleEngine On",
        "whitelist-source-range=everybody",
        "denylist-source-range=10.0.0.0/8,x",
        "server-snippet=deny all;",
        "configuration-snippet=if ($http_x) { return 403; }",
        "configuration-snippet=proxy_set_header X-User $remote_user;",
        "configuration-snippet=proxy_pass http://elsewhere;",
        "stream-snippet=x",
        "backend-protocol=fcgi",
        "ssl-passthrough=true",
        "permanent-redirect=https://$arg_to/",
        "temporal-redirect=/elsewhere",
      })
  void whatDecidesWhoMayComeOrWhereRequestsGoCloses(String annotation) {
    int equals = annotation.indexOf('=');
    assertThat(closes(NGINX + annotation.substring(0, equals), annotation.substring(equals + 1)))
        .isTrue();
  }

  @Test
  void ourOwnAnnotationSettlesIt() {
    assertThat(closes(NGINX + "limit-rps", "5", "longshore.dev/handshakes-per-second", "5"))
        .isFalse();
    assertThat(closes(NGINX + "backend-protocol", "FCGI", "longshore.dev/backend-protocol", "ws"))
        .isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cert-manager.io/cluster-issuer",
        "acme.cert-manager.io/http01-edit-in-place",
        "external-dns.alpha.kubernetes.io/hostname",
        "kubernetes.io/tls-acme",
        "meta.helm.sh/release-name",
        "no-slash",
      })
  void whatSomebodyElseReadsIsNotSpokenOf(String key) {
    assertThat(judge(key, "x")).isEmpty();
  }
}
