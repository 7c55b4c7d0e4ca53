package dev.longshore.proxy.http2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.proxy.multiplex.ReceivedFields;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Header lists as clients send them, and the fields that become of them. */
class RequestHeadTest {
  private static final String SOUND = ":method=GET|:scheme=https|:authority=a.example|:path=/";

  /** Names and values between bars; {@code \r}, {@code \n}, {@code \0} and {@code \t} as such. */
  private static RequestHead head(String list) {
    Http2Headers fields = ReceivedFields.empty();
    for (String field : list.split("\\|", -1)) {
      int equals = field.indexOf('=');
      fields.add(text(field.substring(0, equals)), text(field.substring(equals + 1)));
    }
    return RequestHead.of(fields);
  }

  private static AsciiString text(String written) {
    String text =
        written
            .replace("\\r", "\r")
            .replace("\\n", "\n")
            .replace("\\0", "\0")
            .replace("\\t", "\t")
            .replace("\\x7f", "\u007f");
    return new AsciiString(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void aSoundOneIsReadAsHttp1HasIt() {
    RequestHead head =
        head(SOUND + "|cookie=a=1|x-b=2|cookie=c=3|accept=*/*|te=trailers|cookie=d=4|x-b=3|x-e=");
    HttpHeaders fields = head.fields();
    assertThat(head.fault()).isNull();
    assertThat(head.method()).isEqualTo("GET");
    assertThat(head.path()).isEqualTo("/");
    assertThat(fields.getAll("host")).containsExactly("a.example");
    assertThat(fields.getAll("cookie")).containsExactly("a=1; c=3; d=4");
    assertThat(fields.getAll("x-b")).containsExactly("2", "3");
    assertThat(fields.getAll("x-e")).containsExactly("");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        SOUND,
        SOUND + "|host=a.example",
        SOUND + "|host=A.Example",
        ":path=/|:authority=a|:scheme=HTTP|:method=POST",
        ":method=GET|:scheme=http|:path=/|host=a.example",
        ":method=OPTIONS|:scheme=https|:authority=a|:path=*",
        ":method=CONNECT|:authority=a:443",
        ":method=CONNECT|:protocol=websocket|:scheme=https|:authority=a|:path=/chat",
        SOUND + "|x=\u00e9\u00ff",
        SOUND + "|x=a\\tb"
      })
  void whatMayBeThere(String list) {
    assertThat(head(list).fault()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Values that would be another line, or end the head, of HTTP/1.1.
        SOUND + "|x=a\\r\\nb: c",
        SOUND + "|x=a\\nb",
        SOUND + "|x=a\\rb",
        SOUND + "|x=a\\0b",
        SOUND + "|x=a\\x7f",
        SOUND + "|x= a",
        SOUND + "|x=a\\t",
        ":method=GET|:scheme=https|:authority=a|:path=/\\r\\nx: y",
        ":method=GET|:scheme=https|:authority=a\\r\\nx: y|:path=/",
        ":method=GET /x HTTP/1.1\\r\\nx: |:scheme=https|:authority=a|:path=/",
        // Names.
        SOUND + "|X=a",
        SOUND + "|x y=a",
        SOUND + "|x:=a",
        SOUND + "|x\\r\\n=a",
        SOUND + "|=a",
        SOUND + "|\u00e9=a",
        // Of the connection (RFC 9113 §8.2.2).
        SOUND + "|connection=close",
        SOUND + "|keep-alive=a",
        SOUND + "|proxy-connection=a",
        SOUND + "|transfer-encoding=chunked",
        SOUND + "|upgrade=websocket",
        SOUND + "|te=gzip",
        SOUND + "|te=trailers, gzip",
        // Pseudo-header fields (§8.3).
        ":method=GET|:scheme=https|:authority=a",
        ":method=GET|:scheme=https|:authority=a|:path=",
        ":method=GET|:authority=a|:path=/",
        ":scheme=https|:authority=a|:path=/",
        ":method=|:scheme=https|:authority=a|:path=/",
        ":method=G T|:scheme=https|:authority=a|:path=/",
        SOUND + "|:path=/",
        SOUND + "|:method=GET",
        SOUND + "|:authority=a.example",
        SOUND + "|x=a|:scheme=https",
        SOUND + "|:status=200",
        SOUND + "|:other=1",
        "x=a|" + SOUND,
        ":method=GET|:scheme=ftp|:authority=a|:path=/",
        ":method=GET|:scheme=https|:authority=a|:path=http://b/",
        ":method=GET|:scheme=https|:authority=a|:path=x",
        ":method=GET|:scheme=https|:authority=a|:path=*",
        SOUND + "|host=b.example",
        ":method=GET|:scheme=https|:path=/|host=a|host=a",
        // CONNECT (§8.5, RFC 8441 §4).
        ":method=CONNECT|:scheme=https|:authority=a|:path=/",
        ":method=CONNECT",
        ":method=GET|:protocol=websocket|:scheme=https|:authority=a|:path=/",
        ":method=CONNECT|:protocol=websocket|:authority=a",
        ":method=CONNECT|:protocol=websocket|:scheme=https|:authority=a"
      })
  void whatMayNot(String list) {
    assertThat(head(list).fault()).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {":path=/", "X=a", "x=a\\r\\nb", "connection=close", "transfer-encoding=a"})
  void trailersAreHeldToTheSame(String list) {
    Http2Headers fields = new DefaultHttp2Headers(false);
    fields.add(
        text(list.substring(0, list.indexOf('=', 1))), text(list.substring(list.indexOf('=') + 1)));
    assertThat(RequestHead.trailers(fields)).isNull();
    assertThat(RequestHead.trailers(new DefaultHttp2Headers(false).add("x-sum", "1"))).hasSize(1);
  }
}
