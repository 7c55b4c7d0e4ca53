package dev.longshore.proxy.extauth;

import dev.longshore.contract.HardLimits;
import dev.longshore.contract.UpstreamTls;
import dev.longshore.proxy.dial.Dialer;
import dev.longshore.proxy.filter.AuthOutcome;
import dev.longshore.proxy.filter.AuthQuestion;
import dev.longshore.proxy.filter.ExternalAuthorizer;
import dev.longshore.proxy.filter.TunnelGuard;
import dev.longshore.proxy.loop.DeadlineSweep;
import dev.longshore.proxy.table.RoutingState;
import dev.longshore.proxy.tls.ClientContext;
import dev.longshore.proxy.tls.TlsTarget;
import dev.longshore.proxy.upstream.AttemptedEndpoints;
import dev.longshore.proxy.upstream.EndpointState;
import dev.longshore.proxy.upstream.PickHint;
import dev.longshore.proxy.upstream.Pool;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The questions of one event loop. What is open at a time is bounded, for all and for each service,
 * so that one that hangs keeps nobody else's from being asked; beyond the bound there is no answer.
 * On that loop.
 */
public final class AuthCalls implements ExternalAuthorizer {
  private final Supplier<RoutingState> routing;
  private final Dialer dialer;
  private final DeadlineSweep deadlines;
  private final AuthMeters meters;
  private final AuthCache cache;
  private final Rechecks rechecks;
  private final Map<Pool, Integer> openOf = new IdentityHashMap<>();
  private int open;

  /**
   * Asks by the routing of the moment.
   *
   * @param cached answers that may be kept
   */
  public AuthCalls(
      Supplier<RoutingState> routing,
      Dialer dialer,
      DeadlineSweep deadlines,
      AuthMeters meters,
      int cached) {
    this.routing = routing;
    this.dialer = dialer;
    this.deadlines = deadlines;
    this.meters = meters;
    this.cache = new AuthCache(deadlines.ticker(), cached);
    this.rechecks = new Rechecks(deadlines, this::again);
  }

  @Override
  public AuthOutcome.@Nullable Allowed known(AuthQuestion question) {
    AuthOutcome.Allowed known = cache.get(question);
    if (known != null) {
      meters.cached();
    }
    return known;
  }

  @Override
  public CompletableFuture<AuthOutcome> ask(AuthQuestion question) {
    CompletableFuture<AuthOutcome> asked = new CompletableFuture<>();
    Pool pool = routing.get().pools().get(question.auth().service());
    if (pool == null) {
      return unknown(asked, "the service is not there");
    }
    int ofPool = openOf.getOrDefault(pool, 0);
    if (open >= HardLimits.EXTERNAL_AUTH_OPEN
        || ofPool >= HardLimits.EXTERNAL_AUTH_OPEN_OF_SERVICE) {
      return unknown(asked, "too many questions wait for an answer");
    }
    TlsTarget tls = null;
    if (pool.config().tls() != null) {
      tls = hold(pool, question);
      if (tls == null) {
        return unknown(asked, "the service is just being changed");
      }
    }
    EndpointState endpoint = pool.acquire(AttemptedEndpoints.NONE, PickHint.NOTHING);
    if (endpoint == null) {
      if (tls != null) {
        tls.context().release();
      }
      return unknown(asked, "the service has no endpoint that is ready");
    }
    open++;
    openOf.put(pool, ofPool + 1);
    AuthCall call =
        new AuthCall(
            question,
            endpoint,
            deadlines,
            tls,
            said -> heard(question, pool, endpoint, said, asked));
    var _ =
        asked.whenComplete(
            (said, failure) -> {
              if (asked.isCancelled()) {
                call.stop();
              }
            });
    call.start(dialer);
    return asked;
  }

  private void heard(
      AuthQuestion question,
      Pool pool,
      EndpointState endpoint,
      AuthOutcome said,
      CompletableFuture<AuthOutcome> asked) {
    open--;
    openOf.merge(pool, -1, (count, one) -> count + one == 0 ? null : count + one);
    endpoint.release();
    if (asked.isCancelled()) {
      return;
    }
    meters.said(said);
    switch (said) {
      case AuthOutcome.Allowed allowed -> {
        pool.succeeded(endpoint);
        cache.put(question, allowed);
      }
      case AuthOutcome.Denied _ -> {
        pool.succeeded(endpoint);
        cache.remove(question);
      }
      case AuthOutcome.Unknown unknown -> pool.failed(endpoint, unknown.why());
    }
    asked.complete(said);
  }

  private CompletableFuture<AuthOutcome> unknown(CompletableFuture<AuthOutcome> asked, String why) {
    AuthOutcome said = new AuthOutcome.Unknown(why);
    meters.said(said);
    asked.complete(said);
    return asked;
  }

  /** The context as it is now, held; null: it goes again and again. */
  private static @Nullable TlsTarget hold(Pool pool, AuthQuestion question) {
    for (int attempt = 0; attempt < 8; attempt++) {
      UpstreamTls config = pool.config().tls();
      ClientContext context = pool.tls();
      if (config != null && context != null && context.retain()) {
        String name = config.serverName();
        return new TlsTarget(context, name == null ? hostOf(question) : name);
      }
    }
    return null;
  }

  private static String hostOf(AuthQuestion question) {
    String host = question.auth().host();
    int colon = host.indexOf(':');
    return colon < 0 ? host : host.substring(0, colon);
  }

  /** Null: there is nobody any more whom it could be asked. */
  private @Nullable CompletableFuture<AuthOutcome> again(AuthQuestion question) {
    return routing.get().pools().get(question.auth().service()) == null ? null : ask(question);
  }

  @Override
  public TunnelGuard guard(AuthQuestion question) {
    return rechecks.guard(question, meters::revoked);
  }
}
