package dev.longshore.proxy.filter;

import dev.longshore.contract.HardLimits;
import dev.longshore.contract.policy.ExternalAuth;
import dev.longshore.proxy.fields.EndToEnd;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes what a service is asked about a request: a head of its own, with what it is told of the
 * other's. Method and URL are said as ingress-nginx ({@code X-Original-*}) and Traefik ({@code
 * X-Forwarded-*}) say them, which is what such services read.
 */
final class AuthQuestionWriter {
  private AuthQuestionWriter() {}

  /** About a request; null: there is more to tell than is kept. */
  static @Nullable AuthQuestion write(ExternalAuth auth, FilterRequest request) {
    StringBuilder head = new StringBuilder(512);
    head.append("GET ").append(auth.path()).append(" HTTP/1.1\r\n");
    String authority = request.authority();
    field(head, "Host", auth.host());
    field(head, "Connection", "close");
    field(head, "X-Original-Method", request.method().name());
    field(head, "X-Original-URL", request.scheme() + "://" + authority + request.forwardTarget());
    field(head, "X-Forwarded-Method", request.method().name());
    field(head, "X-Forwarded-Proto", request.scheme());
    field(head, "X-Forwarded-Host", authority);
    field(head, "X-Forwarded-Uri", request.forwardTarget());
    field(head, "X-Forwarded-For", request.address().getHostAddress());
    field(head, "X-Request-Id", request.id());
    HttpHeaders headers = request.headers();
    List<String> forwarded = auth.forwardHeaders();
    for (int i = 0; i < forwarded.size(); i++) {
      String name = forwarded.get(i);
      if (!EndToEnd.isOwnedRequestField(name) && !EndToEnd.isForwarded(name)) {
        for (String value : headers.getAll(name)) {
          field(head, name, value);
        }
      }
    }
    head.append("\r\n");
    return head.length() > HardLimits.EXTERNAL_AUTH_HEAD_BYTES
        ? null
        : new AuthQuestion(auth, head.toString(), cacheKey(auth, request, authority));
  }

  private static void field(StringBuilder head, String name, String value) {
    head.append(name).append(": ").append(value).append("\r\n");
  }

  /**
   * What the answer depends on; null: nothing that the request has, so that strangers never share
   * one. Lengths keep what one value ends with from being taken for the begin of the next.
   */
  private static @Nullable String cacheKey(
      ExternalAuth auth, FilterRequest request, String authority) {
    if (auth.cacheKey().isEmpty() || !auth.cacheTtl().isPositive()) {
      return null;
    }
    StringBuilder key = new StringBuilder();
    part(key, request.method().name());
    part(key, request.scheme());
    part(key, authority);
    part(key, request.path());
    boolean found = false;
    for (ExternalAuth.Source source : auth.cacheKey()) {
      List<String> values =
          switch (source.type()) {
            case HEADER -> request.headers().getAll(source.name());
            case COOKIE -> request.cookies(source.name());
            case QUERY -> request.parameters(source.name());
          };
      found |= !values.isEmpty();
      key.append(values.size()).append(';');
      values.forEach(value -> part(key, value));
    }
    return found ? key.toString() : null;
  }

  private static void part(StringBuilder key, String value) {
    key.append(value.length()).append(':').append(value);
  }
}
