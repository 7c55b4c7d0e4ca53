package dev.longshore.proxy.filter;

import dev.longshore.contract.policy.Policy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The filters of a policy, in the one order that there is: those that ask for nothing a policy
 * doesn't have are left out when it is compiled, so a request costs what its policy asks.
 */
public final class RequestFilters {
  /**
   * Before a rule is looked for: on a connection that was made for another host not even whether
   * there is a rule is told, and nothing is spent on finding it.
   */
  public static final RequestFilter BEFORE_RULES = new MisdirectedFilter();

  /**
   * What is cheap and says least of the route comes first; what holds something comes last, so that
   * nothing is held for one that is refused.
   */
  private static final List<Compiler> ORDER =
      List.of(
          // In the clear anybody reads along: it is sent to TLS before anything else is told.
          InsecureFilter::of,
          // An address that may not pass costs nobody's rate, and is told nothing of the route.
          AccessFilter::of,
          // Before all that can cost something or be guessed at, credentials above all.
          RequestRateFilter::of,
          // Browsers send a preflight without credentials, and no later question is about it.
          PreflightFilter::of,
          // What the route is for.
          UpgradeFilter::of,
          // Whose pages may use a visitor's credentials: before these are looked at.
          OriginFilter::of,
          // A path that servers read differently is nothing to check credentials for.
          EncodedSlashFilter::of,
          // Is it a handshake at all: before what is in it counts.
          _ -> HandshakeFilter.INSTANCE,
          // Client certificates have their place here. A request that is wanted to carry both a
          // password and a token is cheaper to refuse by what is looked up.
          BasicAuthFilter::of,
          JwtFilter::of,
          // It reads what the one before it has found sound, and edits it.
          SubprotocolFilter::of,
          // It asks somebody else, who should not be asked about what is refused anyway.
          ExternalAuthFilter::of,
          // They hold a place, which nobody is to hold who is refused.
          TunnelLimitsFilter::of,
          _ -> RequestsUnderWayFilter.INSTANCE);

  /** Makes a filter of the part of a policy that it enforces. */
  @FunctionalInterface
  private interface Compiler {
    /** Null: the policy asks for nothing. */
    @Nullable RequestFilter of(Policy policy);
  }

  private final List<RequestFilter> filters;
  private final List<TunnelFilter> ofTunnels;

  private RequestFilters(List<RequestFilter> filters) {
    this.filters = List.copyOf(filters);
    this.ofTunnels =
        filters.stream()
            .filter(TunnelFilter.class::isInstance)
            .map(TunnelFilter.class::cast)
            .toList();
  }

  /** The filters of a policy. */
  public static RequestFilters of(Policy policy) {
    List<RequestFilter> filters = new ArrayList<>();
    for (Compiler compiler : ORDER) {
      RequestFilter filter = compiler.of(policy);
      if (filter != null) {
        filters.add(filter);
      }
    }
    return of(filters);
  }

  /** These filters, in this order. */
  public static RequestFilters of(List<RequestFilter> filters) {
    return new RequestFilters(filters);
  }

  /** How many there are. */
  public int size() {
    return filters.size();
  }

  /** Asks one of them; from 0, each behind the one before it. */
  public Verdict test(int filter, FilterRequest request) {
    return filters.get(filter).test(request);
  }

  /** Whether who opened a tunnel would still be let in, as far as what is kept of it tells. */
  public boolean admitsStill(TunnelSubject opener) {
    for (TunnelFilter filter : ofTunnels) {
      if (!filter.admitsStill(opener)) {
        return false;
      }
    }
    return true;
  }
}
