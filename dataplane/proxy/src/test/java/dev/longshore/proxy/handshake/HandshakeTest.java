package dev.longshore.proxy.handshake;

import static dev.longshore.proxy.testing.RawClient.ACCEPT;
import static dev.longshore.proxy.testing.RawClient.get;
import static dev.longshore.proxy.testing.RawClient.handshake;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.LeakCheck;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.Wire;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The happy path. */
@ExtendWith(LeakCheck.class)
@ParameterizedClass
@EnumSource(Wire.class)
record HandshakeTest(Wire wire) {

  @Test
  void bytesPassBothWaysBehindTheVerified101() throws Exception {
    try (RawUpstream upstream = RawUpstream.echoing();
        TestProxy proxy = TestProxy.start(new TestRoutes().all().to(upstream.address()));
        RawClient client = proxy.connect(wire)) {
      client.send(handshake("/websocket"));
      HttpHead answer = client.readHead();
      assertThat(answer.status()).isEqualTo(101);
      assertThat(answer.all("sec-websocket-accept")).containsExactly(ACCEPT);
      HttpHead request = upstream.request();
      assertThat(request.all("upgrade")).containsExactly("websocket");
      assertThat(request.all("connection")).containsExactly("upgrade");
      client.send("\u0081\u0085\0\0\0\0hello");
      assertThat(client.read(11)).endsWith("hello");
    }
  }

  @Test
  void aPlainRequestOfTheSameLocationIsProxiedAsPlainHttp() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering("plain");
        TestProxy proxy = TestProxy.start(new TestRoutes().all().to(upstream.address()));
        RawClient client = proxy.connect(wire)) {
      for (int i = 0; i < 3; i++) {
        client.send(get("/websocket?n=" + i));
        HttpHead answer = client.readHead();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(client.readBody(answer)).isEqualTo("plain");
        assertThat(upstream.request().target()).isEqualTo("/websocket?n=" + i);
      }
      assertThat(upstream.accepted()).isEqualTo(1);
    }
  }
}
