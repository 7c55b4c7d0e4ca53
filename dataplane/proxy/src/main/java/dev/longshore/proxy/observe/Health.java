package dev.longshore.proxy.observe;

import dev.longshore.process.admin.AdminResponse;
import dev.longshore.process.admin.Probes;
import dev.longshore.process.admin.Query;
import dev.longshore.proxy.subscribe.SubscriptionStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Liveness and readiness: live while nothing is dead, stuck or out of memory, ready while a table
 * is applied, the listeners are open and no shutdown has begun. Thread-safe.
 */
public final class Health implements Probes {
  private final Supplier<ConfigStatus> config;
  private final BooleanSupplier listening;
  private final Supplier<List<String>> listenerTroubles;
  private final BooleanSupplier draining;
  private final Supplier<List<String>> troubles;
  private volatile Supplier<Optional<SubscriptionStatus>> subscription = Optional::empty;

  /**
   * Asks all of them for every answer.
   *
   * @param listening whether the listeners of the flags are open
   * @param listenerTroubles listeners that can't be opened, and why; those of the table beside the
   *     flags' don't count for readiness, or one port that is taken would take away all
   * @param troubles why the process is not live; empty: it is
   */
  public Health(
      Supplier<ConfigStatus> config,
      BooleanSupplier listening,
      Supplier<List<String>> listenerTroubles,
      BooleanSupplier draining,
      Supplier<List<String>> troubles) {
    this.troubles = troubles;
    this.config = config;
    this.listening = listening;
    this.listenerTroubles = listenerTroubles;
    this.draining = draining;
  }

  /** Tells of the operators too. {@code status} is asked for every answer. */
  public void watch(Supplier<SubscriptionStatus> status) {
    subscription = () -> Optional.of(status.get());
  }

  @Override
  public AdminResponse live() {
    return AdminResponse.liveness(troubles.get());
  }

  @Override
  public AdminResponse ready(Query query) {
    ConfigStatus status = config.get();
    String hindrance = hindrance(status);
    StringBuilder text = new StringBuilder(256);
    text.append(hindrance.isEmpty() ? "ready" : "not ready: " + hindrance).append('\n');
    if (query.has("verbose")) {
      Instant now = Instant.now();
      describe(text, status, now);
      for (String trouble : listenerTroubles.get()) {
        text.append(trouble).append("; tried again every second\n");
      }
      subscription.get().ifPresent(operators -> describe(text, operators, now));
    }
    return AdminResponse.text(hindrance.isEmpty() ? 200 : 503, text.toString());
  }

  /** Why it is not ready; empty when it is. */
  private String hindrance(ConfigStatus status) {
    if (draining.getAsBoolean()) {
      return "shutting down";
    }
    if (status.applied() == null) {
      return "no configuration is applied yet";
    }
    return listening.getAsBoolean() ? "" : "the listeners are not open yet";
  }

  private static void describe(StringBuilder text, ConfigStatus status, Instant now) {
    ConfigStatus.Applied applied = status.applied();
    if (applied != null) {
      text.append("applied version: ").append(applied.version()).append('\n');
      text.append("endpoints version: ").append(applied.endpointsVersion()).append('\n');
      text.append("applied: ").append(ago(applied.at(), now)).append('\n');
    }
    text.append("rejected snapshots: ").append(status.rejections()).append('\n');
    ConfigStatus.Rejection last = status.lastRejection();
    if (last != null) {
      text.append("last rejected: ").append(ago(last.at(), now)).append('\n');
      text.append("last rejected version: ").append(last.version()).append('\n');
      for (String error : last.errors()) {
        text.append("  ").append(error).append('\n');
      }
    }
  }

  private static void describe(StringBuilder text, SubscriptionStatus status, Instant now) {
    Instant kept = status.keptAt();
    if (kept != null) {
      text.append("serving the last known good table, applied ")
          .append(ago(kept, now))
          .append(
              status.connected() == 0
                  ? ", no operator reached yet\n"
                  : ", not confirmed by an operator yet\n");
    }
    text.append("operators connected: ")
        .append(status.connected())
        .append(" of ")
        .append(status.operators().size())
        .append('\n');
    for (SubscriptionStatus.Operator operator : status.operators()) {
      text.append("  ")
          .append(operator.address())
          .append(": ")
          .append(
              switch (operator.state()) {
                case ACTIVE -> "active";
                case STANDBY -> "standby";
                case DOWN -> operator.trouble().isEmpty() ? "connecting" : operator.trouble();
              })
          .append('\n');
    }
    text.append("data planes that share limits: ").append(status.dataPlanes()).append('\n');
    Instant last = status.lastMessage();
    text.append("last message from an operator: ")
        .append(last == null ? "none yet" : ago(last, now))
        .append('\n');
  }

  private static String ago(Instant then, Instant now) {
    return then + " (" + Math.max(0, Duration.between(then, now).toSeconds()) + " s ago)";
  }
}
