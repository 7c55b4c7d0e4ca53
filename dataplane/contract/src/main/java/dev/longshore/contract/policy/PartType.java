package dev.longshore.contract.policy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A kind of part, told once.
 *
 * @param name its key in the JSON of a policy, and in the paths of errors
 * @param type of its parts
 * @param standard what holds without a part of this type
 * @param required whether its key is there always: a data plane of before features wants it
 * @param features what a data plane may have to know for one that isn't the standard
 */
public record PartType<P extends PolicyPart>(
    String name, Class<P> type, P standard, boolean required, Set<String> features) {

  /**
   * In the order of the canonical form, so new ones go to the end. Those up to {@link
   * EncodedSlashes} were published before the name of a part was its feature.
   */
  private static final List<PartType<?>> ALL =
      List.of(
          required("upgrade", UpgradeMode.ALLOW),
          required("insecure", InsecureMode.ALLOW),
          required("origins", AllowedOrigins.ANY),
          required("subprotocols", AllowedSubprotocols.ANY),
          required("timeouts", Timeouts.DEFAULT),
          required("retries", Retries.DEFAULT),
          required("access", Access.ANY, "access-lists"),
          required("requestHeaders", RequestHeaders.NONE, HeaderEdits.EDITS, HeaderEdits.SECRETS),
          required("responseHeaders", ResponseHeaders.NONE, HeaderEdits.EDITS, HeaderEdits.SECRETS),
          required("closing", Closing.DEFAULT),
          optional("ping", Ping.NONE, "pings"),
          optional("limits", Limits.NONE, "limits"),
          optional("draining", Draining.DEFAULT, "draining"),
          optional("encodedSlashes", EncodedSlashes.ALLOW, "encoded-slashes"),
          optional("requestRate", RequestRate.NONE),
          optional("cors", Cors.NONE),
          optional("fixedAnswer", FixedAnswer.NONE),
          optional("externalAuth", ExternalAuth.NONE),
          optional("jwtAuth", JwtAuth.NONE),
          optional("basicAuth", BasicAuth.NONE),
          optional("signIn", SignIn.NONE));

  private static final Map<Class<?>, PartType<?>> BY_CLASS =
      ALL.stream().collect(Collectors.toUnmodifiableMap(PartType::type, type -> type));

  public PartType {
    features = Set.copyOf(features);
  }

  /** All that there are, in the order of the canonical form. */
  public static List<PartType<?>> all() {
    return ALL;
  }

  /** That of a class of parts. */
  @SuppressWarnings("unchecked")
  static <P extends PolicyPart> PartType<P> of(Class<P> part) {
    PartType<?> type = BY_CLASS.get(part);
    if (type == null) {
      throw new IllegalArgumentException(part + " is not in the list of types");
    }
    return (PartType<P>) type;
  }

  /** That of a part. */
  static PartType<? extends PolicyPart> of(PolicyPart part) {
    return of(part.getClass());
  }

  /** One that every data plane knows in some form, and whose key every data plane wants. */
  private static <P extends PolicyPart> PartType<P> required(
      String name, P standard, String... features) {
    return new PartType<>(name, classOf(standard), standard, true, Set.of(features));
  }

  /** One that is absent where it is the standard, with a feature from before it was its name. */
  private static <P extends PolicyPart> PartType<P> optional(
      String name, P standard, String feature) {
    return new PartType<>(name, classOf(standard), standard, false, Set.of(feature));
  }

  /** One that is absent where it is the standard, and whose name is its feature. */
  private static <P extends PolicyPart> PartType<P> optional(String name, P standard) {
    return optional(name, standard, name);
  }

  @SuppressWarnings("unchecked")
  private static <P extends PolicyPart> Class<P> classOf(P standard) {
    return (Class<P>) standard.getClass();
  }
}
