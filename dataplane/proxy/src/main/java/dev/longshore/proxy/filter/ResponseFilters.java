package dev.longshore.proxy.filter;

import dev.longshore.contract.policy.Policy;
import dev.longshore.proxy.answer.LocalAnswer;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.ArrayList;
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
                // Behind them: what pages may read is said in one place, and not by half.
                CorsFilter.of(policy),
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

  /** What becomes of an answer of the proxy's own to a request under the policy. */
  public LocalAnswer own(LocalAnswer answer, Answered to) {
    LocalAnswer edited = answer;
    for (int i = 0; i < filters.size(); i++) {
      edited = filters.get(i).own(edited, to);
    }
    return edited;
  }

  /**
   * What becomes of an answer that the rule itself gives, which is edited as an upstream's would
   * be.
   */
  public LocalAnswer ofRule(LocalAnswer answer, Answered to) {
    HttpHeaders head = new DefaultHttpHeaders();
    for (LocalAnswer.Field field : answer.fields()) {
      head.add(field.name(), field.value());
    }
    edit(head, to);
    List<LocalAnswer.Field> fields = new ArrayList<>();
    head.forEach(
        field ->
            fields.add(new LocalAnswer.Field(AsciiString.of(field.getKey()), field.getValue())));
    return answer.withOnly(fields);
  }

  /** Edits the fields behind a body. */
  public void editTrailers(HttpHeaders trailers) {
    for (int i = 0; i < filters.size(); i++) {
      filters.get(i).editTrailers(trailers);
    }
  }
}
