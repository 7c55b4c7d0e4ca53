package dev.longshore.proxy.filter;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;

/**
 * Adds the affinity cookie of the pool, unless the answer sets that cookie itself. Then that
 * counts: a response has one Set-Cookie of a name at most (RFC 6265 §4.1.1), and an application
 * that takes the cookie away ends the affinity.
 */
final class AffinityCookieFilter implements ResponseFilter {
  static final ResponseFilter INSTANCE = new AffinityCookieFilter();

  private AffinityCookieFilter() {}

  @Override
  public void edit(HttpHeaders head, Answered to) {
    AffinityCookie cookie = to.affinityCookie();
    if (cookie != null && !sets(head, cookie.name())) {
      head.add(HttpHeaderNames.SET_COOKIE, cookie.field());
    }
  }

  private static boolean sets(HttpHeaders head, String cookie) {
    for (String field : head.getAll(HttpHeaderNames.SET_COOKIE)) {
      int equals = field.indexOf('=');
      if (equals >= 0 && field.substring(0, equals).strip().equals(cookie)) {
        return true;
      }
    }
    return false;
  }
}
