package dev.longshore.proxy.filter;

import dev.longshore.contract.policy.Policy;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** What a policy does to upstreams' answers, in the one order that there is. */
public final class ResponseFilters {
  private final List<ResponseFilter> filters;

  private ResponseFilters(List<ResponseFilter> filters) {
    this.filters = filters;
  }

  /** The filters of a policy. */
  public static ResponseFilters of(Policy policy) {
    return new ResponseFilters(
        Stream.of(
                // First, so that what the proxy adds by itself is there whatever was removed.
                HeaderEditsFilter.of(policy),
                // An application, or a policy, that sets the same cookie means it.
                AffinityCookieFilter.INSTANCE,
                // Last: only where nobody else has said anything.
                StrictTransportFilter.of(policy))
            .filter(Objects::nonNull)
            .toList());
  }

  /** Edits the fields of a final answer's head, from which what ended at this hop is gone. */
  public void edit(HttpHeaders head, Answered to) {
    for (int i = 0; i < filters.size(); i++) {
      filters.get(i).edit(head, to);
    }
  }

  /** Edits the fields behind a body. */
  public void editTrailers(HttpHeaders trailers) {
    for (int i = 0; i < filters.size(); i++) {
      filters.get(i).editTrailers(trailers);
    }
  }
}
