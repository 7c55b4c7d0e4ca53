package dev.longshore.proxy.filter;

import dev.longshore.contract.RuleSource;
import dev.longshore.proxy.basic.PasswordChecks;
import dev.longshore.proxy.limit.Limiter;
import dev.longshore.proxy.limit.Permit;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request that is being admitted, with what filters may use that can't be compiled into them
 * because it is not the policy's. On the event loop of its connection.
 */
public interface FilterRequest extends PolicySubject {
  /** Its method. */
  HttpMethod method();

  /** Its fields as received; not to be changed, see {@link Verdict.Edit}. */
  HttpHeaders headers();

  /** Whether it has a body. */
  boolean hasBody();

  /** Whether a slash or backslash in its path is encoded. */
  boolean hasEncodedSlash();

  /** The same over TLS, as an absolute URI. */
  String secureUri();

  /** {@code http} or {@code https}, in the client's own terms. */
  String scheme();

  /** Host, with a port if the client named one, in the client's own terms; may be empty. */
  String authority();

  /** Its target as it goes upstream without a rewrite: path and query. */
  String forwardTarget();

  /** Its path, normalised. */
  String path();

  /** Value of X-Request-Id. */
  String id();

  /** The values of a cookie. */
  List<String> cookies(String name);

  /** The values of a parameter of its query. */
  List<String> parameters(String name);

  /** Whether its connection was made for another host, by the certificate that was shown. */
  boolean misdirected();

  /** The manifest place of the rule that matched. */
  RuleSource source();

  /** Counts what clients have under way. */
  Limiter limiter();

  /** Asks services whether it may pass. */
  ExternalAuthorizer authorizer();

  /** Checks passwords, apart from event loops. */
  PasswordChecks passwords();

  /** Has a say as long as the request is a tunnel; hears of the end in any case. */
  void guard(TunnelGuard guard);

  /**
   * The tunnel that it becomes ends then, at the latest: what it was let in for does.
   *
   * @param end wall-clock time
   */
  void expires(Instant end);

  /** Takes a parameter out of the query: nobody behind this sees it. */
  void takeParameter(String name);

  /**
   * Takes subprotocols out of the offer: nobody behind this sees them.
   *
   * @param left those that are left
   * @param agreed is agreed to if the upstream agrees to none; null: then none is
   */
  void takeSubprotocols(List<String> left, @Nullable String agreed);

  /** Takes a permit, which is released when the request, or the tunnel it becomes, has ended. */
  void hold(Permit permit);
}
