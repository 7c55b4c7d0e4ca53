package dev.longshore.proxy.route;

import java.util.List;
import java.util.Map;

/** A request of given headers and query parameters. */
record TestRequest(Map<String, List<String>> headers, Map<String, List<String>> query)
    implements RequestView {
  static final TestRequest PLAIN = new TestRequest(Map.of(), Map.of());

  @Override
  public List<String> headerValues(String name) {
    return headers.getOrDefault(name, List.of());
  }

  @Override
  public List<String> queryValues(String name) {
    return query.getOrDefault(name, List.of());
  }
}
