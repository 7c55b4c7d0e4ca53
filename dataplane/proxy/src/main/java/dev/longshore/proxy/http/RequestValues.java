package dev.longshore.proxy.http;

import dev.longshore.proxy.route.MatchBudget;
import dev.longshore.proxy.route.RequestView;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request as rules with header and query conditions, and sticky pools, see it. What costs time is
 * done when it is first asked for, and once: the rules of a path may be many.
 */
final class RequestValues implements RequestView {
  private static final int MAX_PARAMETERS = 1024;

  private final ClientRequest request;
  private @Nullable Map<String, List<String>> query;
  private @Nullable MatchBudget budget;

  RequestValues(ClientRequest request) {
    this.request = request;
  }

  @Override
  public List<String> headerValues(String name) {
    return request.headers().getAll(name);
  }

  @Override
  public List<String> queryValues(String name) {
    if (query == null) {
      query = parameters(request.target().query());
    }
    return query.getOrDefault(name, List.of());
  }

  private static Map<String, List<String>> parameters(@Nullable String query) {
    if (query == null) {
      return Map.of();
    }
    try {
      return QueryStringDecoder.builder()
          .hasPath(false)
          .maxParams(MAX_PARAMETERS)
          .build(query)
          .parameters();
    } catch (IllegalArgumentException e) {
      // A bad escape: no condition can hold.
      return Map.of();
    }
  }

  @Override
  public List<String> cookieValues(String name) {
    return Cookies.values(request.headers().getAll(HttpHeaderNames.COOKIE), name);
  }

  @Override
  public InetAddress clientAddress() {
    return request.client().address();
  }

  @Override
  public MatchBudget budget() {
    if (budget == null) {
      budget = new MatchBudget();
    }
    return budget;
  }
}
