package dev.longshore.proxy.filter;

import dev.longshore.contract.policy.AllowedOrigins;
import dev.longshore.contract.policy.Policy;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.fields.OriginSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code origins}: 403 for pages that are not listed, and for several origins, which nobody could
 * list. Plain requests may come from the page's own origin too: a WebSocket's handshake has no such
 * protection by the browser.
 */
final class OriginFilter implements SubjectFilter {
  private static final Verdict NOT_ADMITTED =
      new Verdict.Answer(LocalAnswer.forbidden("this route does not admit this Origin"));

  private final OriginSet allowed;

  private OriginFilter(OriginSet allowed) {
    this.allowed = allowed;
  }

  static @Nullable RequestFilter of(Policy policy) {
    return policy.has(AllowedOrigins.class)
        ? new OriginFilter(OriginSet.of(policy.get(AllowedOrigins.class).values()))
        : null;
  }

  @Override
  public Verdict judge(PolicySubject subject) {
    return permits(subject.origins()) || (!subject.websocket() && subject.sameOrigin())
        ? Verdict.PASS
        : NOT_ADMITTED;
  }

  private boolean permits(List<String> origins) {
    return switch (origins.size()) {
      // Not from a browser.
      case 0 -> true;
      case 1 -> allowed.allows(origins.getFirst());
      default -> false;
    };
  }
}
