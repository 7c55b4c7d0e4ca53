package dev.longshore.operator.translate.policy;

import dev.longshore.api.v1alpha1.Policy;
import dev.longshore.api.v1alpha1.Policy.HeaderEdit;
import dev.longshore.api.v1alpha1.Policy.HeaderValue;
import dev.longshore.contract.policy.HeaderEdits;
import dev.longshore.contract.policy.PolicyPart;
import dev.longshore.contract.policy.RequestHeaders;
import dev.longshore.contract.policy.ResponseHeaders;
import dev.longshore.operator.translate.field.HeaderNames;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Edits of the headers in one direction. */
public final class HeadersReader implements PartReader {
  /** On the way upstream. */
  public static final HeadersReader REQUEST =
      new HeadersReader(
          "headers.request",
          Policy.Headers::request,
          HeaderSetReader.Secrets.OF_OWN_NAMESPACE,
          RequestHeaders::new);

  /** On the way to the client. */
  public static final HeadersReader RESPONSE =
      new HeadersReader(
          "headers.response",
          Policy.Headers::response,
          HeaderSetReader.Secrets.NONE,
          ResponseHeaders::new);

  private final Leaf<List<HeaderValue>, List<HeaderValue>> set;
  private final Leaf<List<String>, List<String>> remove;
  private final HeaderSetReader.Secrets secrets;
  private final Function<HeaderEdits, PolicyPart> part;

  private HeadersReader(
      String path,
      Function<Policy.Headers, @Nullable HeaderEdit> direction,
      HeaderSetReader.Secrets secrets,
      Function<HeaderEdits, PolicyPart> part) {
    Function<Policy, @Nullable HeaderEdit> edit =
        policy -> policy.headers() == null ? null : direction.apply(policy.headers());
    this.set =
        Leaf.closing(
            path + ".set",
            null,
            Leaf.Getter.in(edit, HeaderEdit::set),
            new HeaderSetReader.Unread(),
            List.of());
    this.remove =
        Leaf.closing(
            path + ".remove",
            null,
            Leaf.Getter.in(edit, HeaderEdit::remove),
            new TextList<>(
                32, name -> HeaderNames.editable(name).toLowerCase(Locale.ROOT), "names"),
            List.of());
    this.secrets = secrets;
    this.part = part;
  }

  /** Headers that replace what is there. */
  public Leaf<List<HeaderValue>, List<HeaderValue>> set() {
    return set;
  }

  /** Names of headers that are taken away. */
  public Leaf<List<String>, List<String>> remove() {
    return remove;
  }

  @Override
  public List<Leaf<?, ?>> leaves() {
    return List.of(set, remove);
  }

  @Override
  public PolicyPart read(Reading in) {
    return part.apply(new HeaderEdits(new HeaderSetReader(in).read(set, secrets), in.get(remove)));
  }
}
