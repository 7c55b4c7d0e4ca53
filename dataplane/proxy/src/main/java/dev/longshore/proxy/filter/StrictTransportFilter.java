package dev.longshore.proxy.filter;

import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.policy.ResponseHeaders;
import dev.longshore.proxy.fields.Edits;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/**
 * Strict-Transport-Security (RFC 6797) of the settings, unless the upstream has one. Where the
 * policy edits that field it is the policy's, also if it takes it away.
 */
public final class StrictTransportFilter implements ResponseFilter {
  /** Its name. */
  public static final AsciiString FIELD = AsciiString.cached("Strict-Transport-Security");

  private static final ResponseFilter INSTANCE = new StrictTransportFilter();

  private StrictTransportFilter() {}

  static @Nullable ResponseFilter of(Policy policy) {
    return Edits.touch(FIELD, policy.get(ResponseHeaders.class).edits()) ? null : INSTANCE;
  }

  @Override
  public void edit(HttpHeaders head, Answered to) {
    String strict = to.strictTransportSecurity();
    if (strict != null && !head.contains(FIELD)) {
      head.set(FIELD, strict);
    }
  }
}
