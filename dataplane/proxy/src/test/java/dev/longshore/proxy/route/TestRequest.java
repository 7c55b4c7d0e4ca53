package dev.longshore.proxy.route;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;

/** A request of given headers, query parameters and cookies, from an address. */
record TestRequest(
    Map<String, List<String>> headers,
    Map<String, List<String>> query,
    Map<String, List<String>> cookies,
    InetAddress clientAddress)
    implements RequestView {
  static final TestRequest PLAIN = new TestRequest(Map.of(), Map.of());

  TestRequest(Map<String, List<String>> headers, Map<String, List<String>> query) {
    this(headers, query, Map.of(), InetAddress.getLoopbackAddress());
  }

  static TestRequest header(String name, String value) {
    return new TestRequest(Map.of(name, List.of(value)), Map.of());
  }

  static TestRequest cookie(String name, String... values) {
    return new TestRequest(
        Map.of(), Map.of(), Map.of(name, List.of(values)), InetAddress.getLoopbackAddress());
  }

  static TestRequest from(String address) {
    return new TestRequest(Map.of(), Map.of(), Map.of(), InetAddress.ofLiteral(address));
  }

  @Override
  public List<String> headerValues(String name) {
    return headers.getOrDefault(name, List.of());
  }

  @Override
  public List<String> queryValues(String name) {
    return query.getOrDefault(name, List.of());
  }

  @Override
  public List<String> cookieValues(String name) {
    return cookies.getOrDefault(name, List.of());
  }

  /** A new one for each question: tests ask about many requests by one. */
  @Override
  public MatchBudget budget() {
    return new MatchBudget();
  }
}
