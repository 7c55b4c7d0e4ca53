package dev.longshore.proxy.filter;

import dev.longshore.contract.policy.AllowedSubprotocols;
import dev.longshore.contract.policy.Header;
import dev.longshore.contract.policy.HeaderEdits;
import dev.longshore.contract.policy.Policy;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.answer.Reason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code subprotocols}: of those that a handshake offers, the allowed ones go upstream; 400 if none
 * is left. Who offers none passes: the upstream may mind.
 */
final class SubprotocolFilter implements SubjectFilter {
  private static final String FIELD = "sec-websocket-protocol";
  private static final Verdict NONE_LEFT =
      new Verdict.Answer(
          LocalAnswer.malformed("none of the offered subprotocols is allowed here")
              .because(Reason.HANDSHAKE));

  private final Set<String> allowed;

  private SubprotocolFilter(List<String> names) {
    // Not Set.copyOf: tenants choose them, and a HashSet makes a tree of those with one hash.
    allowed = Collections.unmodifiableSet(new HashSet<>(names));
  }

  static @Nullable RequestFilter of(Policy policy) {
    List<String> names = policy.get(AllowedSubprotocols.class).names();
    return names.isEmpty() ? null : new SubprotocolFilter(names);
  }

  @Override
  public Verdict judge(PolicySubject subject) {
    List<String> offered = subject.websocket() ? subject.subprotocols() : List.of();
    if (allowed.containsAll(offered)) {
      return Verdict.PASS;
    }
    List<String> left = new ArrayList<>(offered);
    left.removeIf(subprotocol -> !allowed.contains(subprotocol));
    return left.isEmpty()
        ? NONE_LEFT
        : new Verdict.Edit(
            new HeaderEdits(List.of(new Header(FIELD, String.join(", ", left))), List.of()));
  }
}
