package dev.longshore.proxy.filter;

import dev.longshore.contract.policy.Access;
import dev.longshore.contract.policy.Policy;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.net.CidrSet;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** {@code access}: 403 for addresses that may not pass. Deny beats allow. */
final class AccessFilter implements SubjectFilter {
  private static final Verdict NOT_ADMITTED =
      new Verdict.Answer(LocalAnswer.forbidden("this route does not admit your address"));

  private final boolean everybody;
  private final CidrSet allow;
  private final CidrSet deny;

  private AccessFilter(Access access) {
    everybody = access.allow().isEmpty();
    allow = CidrSet.of(access.allow());
    deny = CidrSet.of(access.deny());
  }

  static @Nullable RequestFilter of(Policy policy) {
    return policy.has(Access.class) ? new AccessFilter(policy.get(Access.class)) : null;
  }

  @Override
  public Verdict judge(PolicySubject subject) {
    InetAddress client = subject.address();
    return !deny.contains(client) && (everybody || allow.contains(client))
        ? Verdict.PASS
        : NOT_ADMITTED;
  }
}
