package dev.longshore.operator.translate.policy;

import dev.longshore.api.v1alpha1.Policy.HeaderValue;
import dev.longshore.api.v1alpha1.Policy.SecretKeyRef;
import dev.longshore.api.v1alpha1.Policy.ValueFrom;
import dev.longshore.contract.policy.Header;
import dev.longshore.operator.translate.field.HeaderNames;
import dev.longshore.operator.translate.field.Names;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads the headers that a policy sets, to values that stand in it or in Secrets. A header that
 * can't be set closes the rules: without it the client's own would pass in its place.
 */
final class HeaderSetReader {
  private static final int MOST = 32;

  private final Problems problems;
  private final @Nullable SecretLookup references;
  private final Reading in;

  /** Which Secrets headers may be taken from. */
  enum Secrets {
    OF_OWN_NAMESPACE,
    /** An answer's headers are everybody's to read. */
    NONE
  }

  /** They are read with their names, and the Secrets that they are taken from. */
  static final class Unread implements Form<List<HeaderValue>, List<HeaderValue>> {
    @Override
    public List<HeaderValue> ofText(String text) {
      throw new IllegalArgumentException("no annotation sets headers");
    }

    @Override
    public List<HeaderValue> read(List<HeaderValue> value, String path, Problems problems) {
      return value;
    }

    @Override
    public String accepts() {
      return "names and values";
    }
  }

  HeaderSetReader(Reading in) {
    this.in = in;
    this.references = in.secrets();
    this.problems = in.problems();
  }

  /** The headers of the highest layer that sets some. No problem tells a value. */
  List<Header> read(Leaf<List<HeaderValue>, ?> set, Secrets secrets) {
    Stated<List<HeaderValue>> leaf = in.highest(set);
    if (leaf == null) {
      return List.of();
    }
    if (leaf.value().size() > MOST) {
      problems.fault(
          Reason.INVALID, leaf.path(), "has " + leaf.value().size() + " items: at most " + MOST);
    }
    List<Header> headers = new ArrayList<>();
    for (int i = 0; i < Math.min(leaf.value().size(), MOST); i++) {
      Header header =
          header(leaf.value().get(i), leaf.path() + "[" + i + "]", leaf.isOwn(), secrets);
      if (header != null) {
        headers.add(header);
      }
    }
    return headers;
  }

  private @Nullable Header header(HeaderValue header, String path, boolean own, Secrets secrets) {
    String name =
        problems.parse(
            path, () -> HeaderNames.editable(Objects.requireNonNullElse(header.name(), "")));
    String value = header.value();
    ValueFrom from = header.valueFrom();
    if ((value == null) == (from == null)) {
      problems.fault(Reason.INVALID, path + ".value", "give exactly one of value and valueFrom");
      return null;
    }
    if (from != null) {
      String at = path + ".valueFrom.secretKeyRef";
      var secret = mayUse(at, own, secrets) ? secret(from.secretKeyRef(), at) : null;
      return name == null || secret == null ? null : Header.secret(name, secret);
    }
    String text = problems.parse(path, () -> HeaderNames.unshown(Objects.requireNonNull(value)));
    if (name == null || text == null) {
      return null;
    }
    Header read = new Header(name, text);
    if (own && secrets != Secrets.NONE && !text.isEmpty() && read.isCredential()) {
      problems.note(
          Reason.CREDENTIAL_IN_CLEAR,
          path + ".value",
          "stands in the clear for everybody who may read this resource: put it into a Secret, and"
              + " write valueFrom.secretKeyRef");
    }
    return read;
  }

  private boolean mayUse(String path, boolean own, Secrets secrets) {
    if (secrets == Secrets.NONE) {
      problems.fault(
          Reason.NOT_ALLOWED, path, "what stands in an answer is no secret any more: write value");
      return false;
    }
    if (references == null || !own) {
      problems.fault(
          Reason.NOT_ALLOWED,
          path,
          "a Secret belongs to a namespace, and a LongshoreConfig to none: write value, or set the"
              + " header in the routes");
      return false;
    }
    return true;
  }

  private dev.longshore.contract.@Nullable Secret secret(@Nullable SecretKeyRef ref, String path) {
    String name = ref == null ? "" : Objects.requireNonNullElse(ref.name(), "");
    String key = ref == null ? "" : Objects.requireNonNullElse(ref.key(), "");
    String object = problems.parse(path + ".name", () -> Names.object(name));
    String entry = problems.parse(path + ".key", () -> Names.dataKey(key));
    if (object == null || entry == null || references == null) {
      return null;
    }
    String shown = references.shownSecret(object);
    var found = references.secret(object);
    if (found == null) {
      problems.fault(Reason.SECRET_NOT_FOUND, path, references.missingSecret(object));
      return null;
    }
    if (!HeaderSecrets.isOpaque(found)) {
      problems.fault(
          Reason.REF_NOT_PERMITTED,
          path,
          shown
              + " is of type "
              + Quote.of(found.getType())
              + ": headers are taken from Secrets of type Opaque only, so that whoever may write a"
              + " route can't send tokens and private keys to its backend");
      return null;
    }
    try {
      var secret = HeaderSecrets.read(found, entry);
      if (secret == null) {
        problems.fault(
            Reason.SECRET_NOT_FOUND,
            path + ".key",
            shown
                + " has no "
                + Quote.of(entry)
                + " of at most "
                + HeaderSecrets.MOST_BYTES
                + " bytes");
      }
      return secret;
    } catch (IllegalArgumentException e) {
      problems.fault(
          Reason.INVALID_SECRET,
          path + ".key",
          shown + ": " + Quote.of(entry) + " " + e.getMessage());
      return null;
    }
  }
}
