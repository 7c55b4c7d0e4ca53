package dev.longshore.proxy;

import dev.longshore.contract.Settings.ProcessDrain;
import dev.longshore.proxy.table.RoutingListener;
import dev.longshore.proxy.table.RoutingState;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Warns when the polite end of the process takes longer than it is given: Kubernetes kills it then,
 * and with it every tunnel that has not been closed. Used by one thread at a time.
 */
final class GracePeriod implements RoutingListener {
  private static final Logger LOG = LoggerFactory.getLogger(GracePeriod.class);

  private final Duration termination;
  private final Duration preStop;
  private @Nullable ProcessDrain checked;

  GracePeriod(Duration termination, Duration preStop) {
    this.termination = termination;
    this.preStop = preStop;
  }

  @Override
  public void applied(RoutingState before, RoutingState now) {
    check(now.settings().processDrain());
  }

  /** Once per value. */
  synchronized void check(ProcessDrain drain) {
    if (drain.equals(checked)) {
      return;
    }
    checked = drain;
    Duration needed = needed(drain);
    if (needed.compareTo(termination) > 0) {
      LOG.warn(
          "the end may take {} s, but terminationGracePeriodSeconds is {}: preStop {} s, and"
              + " spec.processDrain of LongshoreConfig with delay {} s, window {} s and deadline {}"
              + " s. Shorten spec.processDrain.window, or raise terminationGracePeriodSeconds and"
              + " --termination-grace with it",
          seconds(needed),
          seconds(termination),
          seconds(preStop),
          seconds(drain.delay()),
          seconds(drain.window()),
          seconds(drain.deadline()));
    }
  }

  private Duration needed(ProcessDrain drain) {
    return preStop.plus(drain.delay()).plus(drain.window()).plus(drain.deadline());
  }

  private static String seconds(Duration duration) {
    return duration.toMillisPart() == 0
        ? Long.toString(duration.toSeconds())
        : String.format(Locale.ROOT, "%d.%03d", duration.toSeconds(), duration.toMillisPart());
  }
}
