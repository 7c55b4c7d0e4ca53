package dev.longshore.proxy.http;

import dev.longshore.contract.RuleSource;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.filter.Verdict;
import org.jspecify.annotations.Nullable;

/** What {@link Admission} has decided of a request. */
sealed interface Decision permits Admitted, Decision.Refused, Decision.Undecided {
  /**
   * Not to be passed, and nothing is held for it.
   *
   * @param answer what the client is told
   * @param source the rule that matched
   */
  record Refused(LocalAnswer answer, @Nullable RuleSource source) implements Decision {}

  /**
   * To be decided when the verdict of a filter comes.
   *
   * @param waiting whose verdict that is
   * @param later what is waited for
   */
  record Undecided(Waiting waiting, Verdict.Later later) implements Decision {}

  /** A request that waits for a filter's verdict. On the event loop of its connection. */
  interface Waiting {
    /**
     * Goes on behind the verdict that was waited for.
     *
     * @throws RuntimeException a fault of ours; nothing is held for it any more
     */
    Decision goOn(Verdict last);

    /** It is not to pass. */
    Refused refused(LocalAnswer answer);

    /** What waits. */
    ClientRequest request();
  }
}
