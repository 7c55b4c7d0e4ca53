package dev.longshore.proxy.route;

import java.net.InetAddress;
import java.util.List;

/**
 * What rules and pools may ask of a request beside host and path. Asked only when a candidate has
 * such conditions, or a pool keeps clients at endpoints, so an implementation does its work when
 * asked.
 */
public interface RequestView {

  /** Fulfils every condition: to find out whether a host and path are served at all. */
  record Unconditional(MatchBudget budget) implements RequestView {
    @Override
    public List<String> headerValues(String name) {
      return List.of();
    }

    @Override
    public List<String> queryValues(String name) {
      return List.of();
    }

    @Override
    public List<String> cookieValues(String name) {
      return List.of();
    }

    @Override
    public InetAddress clientAddress() {
      return InetAddress.getLoopbackAddress();
    }
  }

  /**
   * All values of a header, in order; empty when there is none.
   *
   * @param name in lower case
   */
  List<String> headerValues(String name);

  /**
   * All values of a query parameter, percent-decoded, in order; empty when there is none. Only the
   * first takes part in matching.
   *
   * @param name as it is, case-sensitive
   */
  List<String> queryValues(String name);

  /**
   * The values of a cookie, as they came, in order; empty when there is none. Of many only the
   * first 16.
   *
   * @param name case-sensitive
   */
  List<String> cookieValues(String name);

  /** The client, after trusted proxies. */
  InetAddress clientAddress();

  /** What finding this request's rule may still cost; the same at each call. */
  MatchBudget budget();
}
