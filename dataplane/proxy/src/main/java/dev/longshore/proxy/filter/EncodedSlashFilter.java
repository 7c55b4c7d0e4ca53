package dev.longshore.proxy.filter;

import dev.longshore.contract.policy.EncodedSlashes;
import dev.longshore.contract.policy.Policy;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.answer.Reason;
import org.jspecify.annotations.Nullable;

/** {@code encodedSlashes: Reject}: 400 for a path that servers read differently. */
final class EncodedSlashFilter implements RequestFilter {
  private static final Verdict REJECTED =
      new Verdict.Answer(
          LocalAnswer.malformed("this route takes no encoded slash or backslash in a path")
              .because(Reason.TARGET));

  private EncodedSlashFilter() {}

  static @Nullable RequestFilter of(Policy policy) {
    return policy.get(EncodedSlashes.class) == EncodedSlashes.REJECT
        ? new EncodedSlashFilter()
        : null;
  }

  @Override
  public Verdict test(FilterRequest request) {
    return request.hasEncodedSlash() ? REJECTED : Verdict.PASS;
  }
}
