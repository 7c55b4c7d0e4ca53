package dev.longshore.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.TestSettings;
import dev.longshore.proxy.testing.Wire;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an operator finds of a request that was refused for its head. */
class RefusalReasonTest {
  /** {@code ~} stands for CRLF. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET /p?secret HTTP/1.1~Host: chat.example.com~Host: x~~|400|host|GET|chat.example.com|/p",
        "GET /p?secret HTTP/1.1~Host: a b~~|400|host|GET|a b|/p",
        "GET /a/..%5cp?secret HTTP/1.1~Host:"
            + " chat.example.com~~|400|target|GET|chat.example.com|/a/..%5cp",
        "GET /p?secret HTTP/1.1~Host: chat.example.com~ folded~~|400|header_field|GET||/p",
        "GET /p?secret HTTP/1.1~Host: chat.example.com~a b:"
            + " c~~|400|header_field|GET|chat.example.com|/p",
        "GET /p?secret HTTP/1.1~Host: chat.example.com~Content-Length:"
            + " +1~~|400|framing|GET|chat.example.com|/p",
        "GET /p?secret HTTP/1.1~Host: chat.example.com~Transfer-Encoding: gzip,"
            + " chunked~~|400|framing|GET|chat.example.com|/p",
        "GET /p?secret HTTP/9.1~Host: chat.example.com~~|400|request_line|GET||/p",
        "GET  /p?secret HTTP/1.1~Host: chat.example.com~~|400|request_line|GET||/p",
        "TRACE /p?secret HTTP/1.1~Host: chat.example.com~~|501|method|TRACE|chat.example.com|/p",
        "GET http://u:secret@h/p?secret HTTP/1.1~Host: chat.example.com~~|400|target|GET|h|/p",
      })
  void isInTheLogAndNotInTheAnswer(
      String request, int status, String reason, String method, String host, String path)
      throws Exception {
    try (TestProxy proxy =
            TestProxy.start(
                new TestRoutes()
                    .settings(new TestSettings().trusting("127.0.0.1/32").build())
                    .all()
                    .unavailable());
        RawClient client = proxy.connect(Wire.PLAIN)) {
      HttpHead answer = client.send(request.replace("~", "\r\n")).readHead();
      assertThat(answer.status()).isEqualTo(status);
      assertThat(client.readBody(answer)).doesNotContain(reason + "\"");
      await().until(() -> proxy.accessLog().endsWith("\n"));
      JsonNode line = new ObjectMapper().readTree(proxy.accessLog());
      assertThat(line.get("status").asInt()).isEqualTo(status);
      assertThat(line.get("reason").asText()).isEqualTo(reason);
      assertThat(line.get("detail").asText()).isNotEmpty();
      assertThat(line.get("method").asText()).isEqualTo(method);
      assertThat(line.get("host").asText()).isEqualTo(host == null ? "" : host);
      assertThat(line.get("path").asText()).isEqualTo(path);
      assertThat(proxy.accessLog()).doesNotContain("secret");
      assertThat(proxy.metric("longshore_requests_refused_total{reason=\"" + reason + "\"}"))
          .isEqualTo(1);
    }
  }

  @Test
  void isBoundedAndOneLineWhateverCame() throws Exception {
    String target = "/" + "\u00e9\"\\".repeat(3000);
    try (TestProxy proxy = TestProxy.start(new TestRoutes().all().unavailable());
        RawClient client = proxy.connect(Wire.PLAIN)) {
      client.send("GET " + target + " HTTP/1.1\r\nHost: chat.example.com\r\n\r\n");
      assertThat(client.readHead().status()).isGreaterThanOrEqualTo(400);
      await().until(() -> proxy.accessLog().endsWith("\n"));
      assertThat(proxy.accessLog().lines()).hasSize(1);
      assertThat(proxy.accessLog()).hasSizeLessThan(3000);
      assertThat(new ObjectMapper().readTree(proxy.accessLog()).get("path").asText())
          .startsWith("/\u00e9");
    }
  }
}
