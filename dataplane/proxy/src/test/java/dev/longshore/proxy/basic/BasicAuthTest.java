package dev.longshore.proxy.basic;

import static dev.longshore.proxy.testing.RawClient.get;
import static dev.longshore.proxy.testing.RawClient.handshake;
import static org.assertj.core.api.Assertions.assertThat;

import at.favre.lib.crypto.bcrypt.BCrypt;
import dev.longshore.contract.Secret;
import dev.longshore.contract.policy.BasicAuth;
import dev.longshore.contract.testing.TestPolicy;
import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.RawUpstream;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.TestRoutes;
import dev.longshore.proxy.testing.Wire;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Names and passwords over real sockets. */
@Timeout(60)
class BasicAuthTest {
  private static final String HASH =
      BCrypt.withDefaults().hashToString(4, "hush-käse".toCharArray());
  private static final BasicAuth BCRYPT = users("jäne:" + HASH + "\njäne:{SHA}" + sha());
  private static final BasicAuth SHA = users("jane:{SHA}" + sha());

  private final RawUpstream echo = RawUpstream.start(RawUpstream.ECHO);

  @AfterEach
  void stop() {
    echo.close();
  }

  /** Of "password". */
  private static String sha() {
    return "W6ph5Mm5Pz8GgiULbPgzG37mj9g=";
  }

  private static BasicAuth users(String lines) {
    return new BasicAuth("the chat", new Secret(lines));
  }

  private TestProxy proxy(BasicAuth auth) throws Exception {
    return TestProxy.start(
        new TestRoutes().all().policy(new TestPolicy().with(auth).build()).to(echo.address()));
  }

  private static String basic(String text) {
    return "Authorization: Basic "
        + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8))
        + "\r\n";
  }

  private static int status(TestProxy proxy, String request) throws Exception {
    try (RawClient client = proxy.connect(Wire.PLAIN)) {
      return client.send(request).readHead().status();
    }
  }

  @Test
  void whoIsNobodyIsToldWhatIsWantedBeforeTheUpgrade() throws Exception {
    for (BasicAuth auth : List.of(BCRYPT, SHA)) {
      try (TestProxy proxy = proxy(auth)) {
        for (String fields :
            List.of(
                "",
                basic("jäne:wrong"),
                basic("nobody:hush-käse"),
                basic(":hush-käse"),
                basic("jäne"),
                basic("jäne:"),
                "Authorization: Basic !!!\r\n",
                "Authorization: Basic\r\n",
                "Authorization: Bearer " + "a".repeat(20) + "\r\n",
                basic("jäne:" + "x".repeat(2000)),
                basic("jäne:hush-käse") + basic("jäne:hush-käse"))) {
          for (String request : List.of(get("/", fields), handshake("/", fields))) {
            try (RawClient client = proxy.connect(Wire.PLAIN)) {
              HttpHead answer = client.send(request).readHead();
              assertThat(answer.status()).as(fields).isEqualTo(401);
              assertThat(answer.first("www-authenticate"))
                  .isEqualTo("Basic realm=\"the chat\", charset=\"UTF-8\"");
            }
          }
        }
      }
    }
    assertThat(echo.accepted()).isZero();
  }

  @Test
  void aUserPassesTheFirstLineCountsAndAgainAtOnce() throws Exception {
    try (TestProxy proxy = proxy(BCRYPT)) {
      for (int i = 0; i < 2; i++) {
        assertThat(status(proxy, handshake("/", basic("jäne:hush-käse")))).isEqualTo(101);
      }
      assertThat(status(proxy, handshake("/", basic("jäne:password")))).isEqualTo(401);
      for (String page : List.of("/config", "/connections", "/metrics")) {
        assertThat(proxy.page(page)).doesNotContain("$2a$").doesNotContain("hush");
      }
      assertThat(proxy.accessLog()).doesNotContain("hush");
    }
    try (TestProxy proxy = proxy(SHA)) {
      assertThat(status(proxy, handshake("/", basic("jane:password")))).isEqualTo(101);
    }
  }
}
