package dev.longshore.operator.translate.policy;

import dev.longshore.api.v1alpha1.Policy;
import dev.longshore.contract.policy.Cors;
import dev.longshore.operator.translate.field.Names;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which pages of other origins may read answers. What is wrong closes the rules: the upstream's own
 * word on it, which is passed on without this, may let in everybody.
 */
public final class CorsReader implements PartReader {
  private static final int MOST_NAMES = 64;

  /** What pages may use anyway (Fetch, "CORS-safelisted method"). */
  private static final List<String> METHODS_BY_DEFAULT = List.of("GET", "HEAD", "POST");

  /** As browsers do by themselves. */
  private static final Duration MAX_AGE_BY_DEFAULT = Duration.ofSeconds(5);

  /** Whose pages may read. */
  public static final Leaf<List<String>, List<String>> ORIGINS =
      list(
          "origins",
          "cors-origins",
          Policy.Cors::origins,
          128,
          text -> text.equals(Cors.ALL) ? text : Origins.parse(text),
          "comma-separated: `https://*.example.com`; or `*`",
          List.of());

  /** What may be asked for. */
  public static final Leaf<List<String>, List<String>> METHODS =
      list(
          "methods",
          "cors-methods",
          Policy.Cors::methods,
          MOST_NAMES,
          CorsReader::method,
          "comma-separated names, or `*`",
          METHODS_BY_DEFAULT);

  /** What requests may carry. */
  public static final Leaf<List<String>, List<String>> HEADERS =
      names("headers", "cors-headers", Policy.Cors::headers);

  /** What of answers pages may read. */
  public static final Leaf<List<String>, List<String>> EXPOSED_HEADERS =
      names("exposedHeaders", "cors-exposed-headers", Policy.Cors::exposedHeaders);

  /** Whether pages may use what the browser knows of the visitor. */
  public static final Leaf<Policy.Credentials, Boolean> CREDENTIALS =
      Leaf.closing(
          "cors.credentials",
          "cors-credentials",
          Leaf.Getter.in(Policy::cors, Policy.Cors::credentials),
          Choice.of(Policy.Credentials.class, choice -> choice == Policy.Credentials.ALLOW),
          false);

  /** How long browsers may remember it. */
  public static final Leaf<String, Duration> MAX_AGE =
      Leaf.closing(
          "cors.maxAge",
          "cors-max-age",
          Leaf.Getter.in(Policy::cors, Policy.Cors::maxAge),
          Text.duration(Duration.ZERO),
          MAX_AGE_BY_DEFAULT);

  private static final List<Leaf<List<String>, List<String>>> LISTS =
      List.of(ORIGINS, METHODS, HEADERS, EXPOSED_HEADERS);

  private static Leaf<List<String>, List<String>> names(
      String name, String annotation, Function<Policy.Cors, @Nullable List<String>> field) {
    return list(
        name,
        annotation,
        field,
        MOST_NAMES,
        Names::token,
        "comma-separated names, or `*`",
        List.of());
  }

  private static Leaf<List<String>, List<String>> list(
      String name,
      String annotation,
      Function<Policy.Cors, @Nullable List<String>> field,
      int most,
      Function<String, String> item,
      String accepts,
      List<String> byDefault) {
    return Leaf.closing(
        "cors." + name,
        annotation,
        Leaf.Getter.in(Policy::cors, field),
        new TextList<>(most, item, accepts),
        byDefault);
  }

  /** Whether a text is an origin, or a pattern of such. */
  public static boolean isOrigin(String text) {
    try {
      Origins.parse(text);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** Browsers compare it as it is written, and send all but six of them so. */
  private static String method(String text) {
    String upper = Names.token(text).toUpperCase(Locale.ROOT);
    if (!upper.equals(text)) {
      throw new IllegalArgumentException(
          Quote.of(text) + " is not a method that browsers send: write " + upper);
    }
    return text;
  }

  @Override
  public List<Leaf<?, ?>> leaves() {
    return List.of(ORIGINS, METHODS, HEADERS, EXPOSED_HEADERS, CREDENTIALS, MAX_AGE);
  }

  @Override
  public Cors read(Reading in) {
    List<String> origins = in.get(ORIGINS);
    boolean credentials = in.get(CREDENTIALS);
    Cors cors =
        new Cors(
            origins,
            in.get(METHODS),
            in.get(HEADERS),
            in.get(EXPOSED_HEADERS),
            credentials,
            in.get(MAX_AGE));
    if (origins.isEmpty()) {
      return Cors.NONE;
    }
    LISTS.forEach(leaf -> checkAll(in, leaf, credentials));
    return cors;
  }

  /** A star is a name like others beside credentials, and would let every page act for visitors. */
  private static void checkAll(
      Reading in, Leaf<List<String>, List<String>> leaf, boolean credentials) {
    Stated<List<String>> stated = in.highest(leaf);
    if (stated == null || !stated.value().contains(Cors.ALL)) {
      return;
    }
    if (credentials) {
      in.problems()
          .fault(
              Reason.INVALID,
              stated.path(),
              "has * beside credentials: name each, or write credentials: Deny");
    } else if (stated.value().size() > 1) {
      in.problems().fault(Reason.INVALID, stated.path(), "has * beside others: write it alone");
    }
  }
}
