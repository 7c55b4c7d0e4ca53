package dev.longshore.proxy.http;

import dev.longshore.proxy.route.RequestView;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.net.InetAddress;
import java.util.List;

/** A request as rules with header and query conditions, and sticky pools, see it. */
record RequestValues(ClientRequest request) implements RequestView {
  private static final int MAX_PARAMETERS = 1024;

  @Override
  public List<String> headerValues(String name) {
    return request.headers().getAll(name);
  }

  @Override
  public List<String> queryValues(String name) {
    String query = request.target().query();
    if (query == null) {
      return List.of();
    }
    try {
      return QueryStringDecoder.builder()
          .hasPath(false)
          .maxParams(MAX_PARAMETERS)
          .build(query)
          .parameters()
          .getOrDefault(name, List.of());
    } catch (IllegalArgumentException e) {
      // A bad escape: no condition can hold.
      return List.of();
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
}
