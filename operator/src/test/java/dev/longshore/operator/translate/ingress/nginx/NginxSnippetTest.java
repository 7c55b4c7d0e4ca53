package dev.longshore.operator.translate.ingress.nginx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.operator.translate.ingress.nginx.NginxSnippet.Edit;
import dev.longshore.operator.translate.ingress.nginx.NginxSnippet.Meaning;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What snippets of nginx configuration are taken for. */
final class NginxSnippetTest {
  private static Meaning meaning(String snippet) {
    return NginxSnippet.of(snippet).meaning();
  }

  @Test
  void literalHeadersAndTimesAreRead() {
    NginxSnippet snippet =
        NginxSnippet.of(
            """
            proxy_set_header X-Team "blue and green";
            proxy_set_header X-User "";
            more_set_headers "X-Frame-Options: DENY" 'A: b';
            add_header Referrer-Policy no-referrer always; # said
            proxy_hide_header X-Powered-By;
            more_clear_headers Server;
            proxy_read_timeout 3600s;
            proxy_connect_timeout 7;
            proxy_send_timeout 3600s;
            """);
    assertThat(snippet.meaning()).isEqualTo(Meaning.DEFAULT);
    assertThat(snippet.read()).isEqualTo(Duration.ofHours(1));
    assertThat(snippet.connect()).isEqualTo(Duration.ofSeconds(7));
    assertThat(snippet.edits())
        .containsExactly(
            new Edit(true, "X-Team", "blue and green"),
            new Edit(true, "X-User", null),
            new Edit(false, "X-Frame-Options", "DENY"),
            new Edit(false, "A", "b"),
            new Edit(false, "Referrer-Policy", "no-referrer"),
            new Edit(false, "X-Powered-By", null),
            new Edit(false, "Server", null));
  }

  @Test
  void whatIsNoLiteralIsNotRead() {
    assertThat(meaning("proxy_set_header X-User $remote_user;")).isEqualTo(Meaning.UNKNOWN);
    assertThat(meaning("proxy_set_header Host elsewhere;")).isEqualTo(Meaning.UNKNOWN);
    assertThat(meaning("proxy_set_header X-A \"a\nb\";")).isEqualTo(Meaning.UNKNOWN);
    assertThat(meaning("more_set_input_headers 'Upgrade: h2c';")).isEqualTo(Meaning.UNKNOWN);
    assertThat(NginxSnippet.of("add_header X-A $host;").edits()).isEmpty();
    assertThat(NginxSnippet.of("more_clear_headers 'X-*';").edits()).isEmpty();
  }

  @Test
  void snippetsAreJudgedByWhatTheyDo() {
    assertThat(
            meaning(
                """
                # WebSockets
                proxy_http_version 1.1;
                proxy_set_header Upgrade $http_upgrade;
                proxy_set_header Connection "upgrade";
                proxy_set_header Host $host;
                """))
        .isEqualTo(Meaning.DEFAULT);
    assertThat(meaning("proxy_set_header   Connection 'Upgrade' ;")).isEqualTo(Meaning.DEFAULT);
    assertThat(meaning("proxy_read_timeout 3600s;\nadd_header X-A b; gzip on;"))
        .isEqualTo(Meaning.HARMLESS);
    assertThat(meaning("# deny all;\n")).isEqualTo(Meaning.DEFAULT);
    assertThat(meaning("add_header X \"a;\ndeny all;")).isEqualTo(Meaning.UNKNOWN);
    assertThat(meaning("add_header X \"a #\"; deny all;")).isEqualTo(Meaning.UNKNOWN);
    assertThat(meaning("add_header X a#b; deny all;")).isEqualTo(Meaning.UNKNOWN);
    assertThat(meaning("location /x { }")).isEqualTo(Meaning.UNKNOWN);
    assertThat(meaning("allow 10.0.0.0/8; deny all;")).isEqualTo(Meaning.UNKNOWN);
    assertThat(meaning("auth_basic \"x\";")).isEqualTo(Meaning.UNKNOWN);
  }
}
