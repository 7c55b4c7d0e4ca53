package dev.longshore.proxy.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.UpstreamPool.Affinity;
import dev.longshore.contract.UpstreamPool.SameSite;
import dev.longshore.contract.policy.Header;
import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.testing.TestPolicy;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is done to answers, and in which order. */
class ResponseFiltersTest {
  private static final AffinityCookie COOKIE =
      new AffinityCookie(new Affinity("lb", Duration.ZERO, "/", SameSite.LAX, null), "abc", true);
  private static final String STRICT = "strict-transport-security";

  private final HttpHeaders head = new DefaultHttpHeaders();

  private record To(
      @Nullable String strictTransportSecurity, @Nullable AffinityCookie affinityCookie)
      implements Answered {
    @Override
    public boolean websocket() {
      return false;
    }

    @Override
    public List<String> origins() {
      return List.of();
    }
  }

  private void edit(Policy policy) {
    ResponseFilters.of(policy).edit(head, new To("max-age=1", COOKIE));
  }

  @Test
  void edits() {
    head.add("Server", "x").add("X_Powered.By", "y").add("Kept", "z").add("Content-Length", "3");
    edit(
        new TestPolicy()
            .response(
                List.of(new Header("Server", "\t other "), new Header("Content-Length", "9")),
                "x-powered-by",
                "content-length")
            .build());
    assertThat(head.getAll("server")).containsExactly("other");
    assertThat(head.contains("X_Powered.By")).isFalse();
    assertThat(head.get("kept")).isEqualTo("z");
    assertThat(head.getAll("content-length")).as("framing is nobody's").containsExactly("3");
  }

  @Test
  void trailersDontBringBackWhatIsEdited() {
    HttpHeaders trailers = new DefaultHttpHeaders().add("Server", "x").add("Kept", "z");
    ResponseFilters.of(new TestPolicy().response(List.of(), "server").build())
        .editTrailers(trailers);
    assertThat(trailers.names()).containsExactly("Kept");
  }

  @Test
  void theAffinityCookieIsAddedUnlessTheAnswerSetsIt() {
    head.add("Set-Cookie", "other=1");
    edit(Policy.DEFAULT);
    assertThat(head.getAll("set-cookie"))
        .containsExactly("other=1", "lb=abc; Path=/; HttpOnly; Secure; SameSite=Lax");
    head.set("Set-Cookie", "lb =; Max-Age=0");
    edit(Policy.DEFAULT);
    assertThat(head.getAll("set-cookie")).containsExactly("lb =; Max-Age=0");
  }

  @Test
  void whatAPolicyTakesAwayDoesNotCountAndWhatItSetsDoes() {
    head.add("Set-Cookie", "lb=theirs");
    edit(new TestPolicy().response(List.of(), "set-cookie").build());
    assertThat(head.getAll("set-cookie")).hasSize(1).allMatch(it -> it.startsWith("lb=abc"));
    edit(new TestPolicy().response(List.of(new Header("Set-Cookie", "lb=own"))).build());
    assertThat(head.getAll("set-cookie")).containsExactly("lb=own");
  }

  @Test
  void strictTransportSecurityIsThePolicysThenTheUpstreamsThenOurs() {
    edit(Policy.DEFAULT);
    assertThat(head.getAll(STRICT)).containsExactly("max-age=1");
    head.set(STRICT, "max-age=2");
    edit(Policy.DEFAULT);
    assertThat(head.getAll(STRICT)).containsExactly("max-age=2");
    edit(new TestPolicy().response(List.of(new Header(STRICT, "max-age=3"))).build());
    assertThat(head.getAll(STRICT)).containsExactly("max-age=3");
    edit(new TestPolicy().response(List.of(), STRICT).build());
    assertThat(head.getAll(STRICT)).isEmpty();
  }

  @Test
  void whoIsToldNothingGetsNothing() {
    ResponseFilters.of(Policy.DEFAULT).edit(head, new To(null, null));
    assertThat(head.isEmpty()).isTrue();
  }
}
