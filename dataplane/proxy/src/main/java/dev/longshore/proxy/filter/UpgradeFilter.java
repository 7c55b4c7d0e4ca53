package dev.longshore.proxy.filter;

import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.policy.UpgradeMode;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.answer.Reason;
import org.jspecify.annotations.Nullable;

/** {@code upgrade}: 426 for what is no WebSocket, or 403 for what is one. */
final class UpgradeFilter implements SubjectFilter {
  private static final Verdict REQUIRED =
      new Verdict.Answer(
          LocalAnswer.upgradeRequired("this route takes WebSocket handshakes only")
              .because(Reason.POLICY));
  private static final Verdict DENIED =
      new Verdict.Answer(LocalAnswer.forbidden("this route does not take WebSocket handshakes"));

  private final boolean required;

  private UpgradeFilter(boolean required) {
    this.required = required;
  }

  static @Nullable RequestFilter of(Policy policy) {
    return switch (policy.get(UpgradeMode.class)) {
      case ALLOW -> null;
      case REQUIRE -> new UpgradeFilter(true);
      case DENY -> new UpgradeFilter(false);
    };
  }

  @Override
  public Verdict judge(PolicySubject subject) {
    if (subject.websocket() == required) {
      return Verdict.PASS;
    }
    return required ? REQUIRED : DENIED;
  }
}
