package dev.longshore.proxy.filter;

import dev.longshore.contract.policy.Cors;
import dev.longshore.contract.policy.Policy;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.fields.OriginSet;
import dev.longshore.proxy.fields.Tokens;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code cors} says to pages (the CORS protocol of the Fetch Standard), in the form in which
 * it is said. A page's origin is repeated only if it is listed; where all are, the answer is the
 * same for everybody, and there are no credentials.
 */
final class CorsTerms {
  private static final String PREFIX = "access-control-";
  private static final LocalAnswer.Field VARY =
      new LocalAnswer.Field(HttpHeaderNames.VARY, HttpHeaderNames.ORIGIN.toString());

  private final boolean all;
  private final OriginSet origins;
  private final List<LocalAnswer.Field> ofAnswers = new ArrayList<>();
  private final List<LocalAnswer.Field> ofPreflights = new ArrayList<>();

  private CorsTerms(Cors cors) {
    this.all = cors.origins().contains(Cors.ALL);
    this.origins = OriginSet.of(cors.origins());
    if (cors.credentials()) {
      LocalAnswer.Field allowed =
          new LocalAnswer.Field(HttpHeaderNames.ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
      ofAnswers.add(allowed);
      ofPreflights.add(allowed);
    }
    list(HttpHeaderNames.ACCESS_CONTROL_EXPOSE_HEADERS, cors.exposedHeaders(), ofAnswers);
    list(HttpHeaderNames.ACCESS_CONTROL_ALLOW_METHODS, cors.methods(), ofPreflights);
    list(HttpHeaderNames.ACCESS_CONTROL_ALLOW_HEADERS, cors.headers(), ofPreflights);
    ofPreflights.add(
        new LocalAnswer.Field(
            HttpHeaderNames.ACCESS_CONTROL_MAX_AGE, Long.toString(cors.maxAge().toSeconds())));
  }

  private static void list(AsciiString name, List<String> values, List<LocalAnswer.Field> fields) {
    if (!values.isEmpty()) {
      fields.add(new LocalAnswer.Field(name, String.join(", ", values)));
    }
  }

  /** Those of a policy; null: it leaves CORS to the upstream. */
  static @Nullable CorsTerms of(Policy policy) {
    return policy.has(Cors.class) ? new CorsTerms(policy.get(Cors.class)) : null;
  }

  /**
   * Who may read the answer.
   *
   * @param asking all values of Origin
   * @return what Access-Control-Allow-Origin says; null: nobody else
   */
  @Nullable String allowed(List<String> asking) {
    if (all) {
      return Cors.ALL;
    }
    return asking.size() == 1 && origins.allows(asking.getFirst()) ? asking.getFirst() : null;
  }

  /** What a preflight of an origin is told that {@link #allowed} names. */
  LocalAnswer preflight(LocalAnswer bare, String allowed) {
    return with(bare, allowed, ofPreflights);
  }

  /** The same answer, for a page that may read it, or may not. */
  LocalAnswer edit(LocalAnswer answer, List<String> asking) {
    return with(answer, allowed(asking), ofAnswers);
  }

  private LocalAnswer with(
      LocalAnswer answer, @Nullable String allowed, List<LocalAnswer.Field> more) {
    List<LocalAnswer.Field> fields = new ArrayList<>();
    if (allowed != null) {
      fields.add(new LocalAnswer.Field(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, allowed));
      fields.addAll(more);
    }
    if (!all) {
      fields.add(VARY);
    }
    return answer.with(fields);
  }

  /** Puts what is said in place of what the upstream says. */
  void edit(HttpHeaders head, List<String> asking) {
    remove(head);
    String allowed = allowed(asking);
    if (allowed != null) {
      head.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
      for (int i = 0; i < ofAnswers.size(); i++) {
        head.set(ofAnswers.get(i).name(), ofAnswers.get(i).value());
      }
    }
    // A cache must not give one page what is for another (Fetch, "CORS protocol and HTTP caches").
    if (!all && !varies(head.getAll(HttpHeaderNames.VARY))) {
      head.add(VARY.name(), VARY.value());
    }
  }

  private static boolean varies(List<String> vary) {
    return !vary.isEmpty() && (Tokens.contain(vary, "origin") || Tokens.contain(vary, Cors.ALL));
  }

  /** Takes away all that is of the CORS protocol. */
  static void remove(HttpHeaders fields) {
    for (String name : fields.names()) {
      if (AsciiString.regionMatches(name, true, 0, PREFIX, 0, PREFIX.length())) {
        fields.remove(name);
      }
    }
  }
}
