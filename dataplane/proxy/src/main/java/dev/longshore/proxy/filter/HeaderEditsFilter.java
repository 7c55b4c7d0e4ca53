package dev.longshore.proxy.filter;

import dev.longshore.contract.policy.Header;
import dev.longshore.contract.policy.HeaderEdits;
import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.policy.ResponseHeaders;
import dev.longshore.proxy.fields.Edits;
import dev.longshore.proxy.fields.EndToEnd;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code headers.response}: removes fields, then sets some, but for those of the hop and the
 * handshake. What it removes, or sets in the head, does not come back behind the body.
 */
final class HeaderEditsFilter implements ResponseFilter {
  private final HeaderEdits edits;
  private final List<String> names = new ArrayList<>();
  private final List<String> values = new ArrayList<>();

  private HeaderEditsFilter(HeaderEdits edits) {
    this.edits = edits;
    for (Header header : edits.set()) {
      if (EndToEnd.isSettableInResponse(header.name())) {
        names.add(header.name());
        // Whitespace around a value is no part of it (RFC 9110 §5.5), and Netty throws for it.
        values.add(header.reveal().strip());
      }
    }
  }

  static @Nullable ResponseFilter of(Policy policy) {
    return policy.has(ResponseHeaders.class)
        ? new HeaderEditsFilter(policy.get(ResponseHeaders.class).edits())
        : null;
  }

  @Override
  public void edit(HttpHeaders head, Answered to) {
    for (String name : head.names()) {
      if (!EndToEnd.isFraming(name) && Edits.touch(name, edits)) {
        head.remove(name);
      }
    }
    for (int i = 0; i < names.size(); i++) {
      head.set(names.get(i), values.get(i));
    }
  }

  @Override
  public void editTrailers(HttpHeaders trailers) {
    for (String name : trailers.names()) {
      if (Edits.touch(name, edits)) {
        trailers.remove(name);
      }
    }
  }
}
