package dev.longshore.operator.translate.policy;

import dev.longshore.api.v1alpha1.Auth;
import dev.longshore.api.v1alpha1.Auth.Basic;
import dev.longshore.api.v1alpha1.Policy;
import dev.longshore.contract.HardLimits;
import dev.longshore.contract.policy.BasicAuth;
import dev.longshore.operator.translate.field.Names;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import io.fabric8.kubernetes.api.model.Secret;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The users of whom a request has to be one. It is one leaf: the realm belongs to the users.
 * Whatever is wrong closes the rules, and nothing of the Secret is in any message.
 */
public final class BasicReader implements PartReader {
  /** The entry that holds the users, as ingress-nginx has it. */
  static final String ENTRY = "auth";

  private static final String REALM = "longshore";

  /** The users, and what they are told. */
  public static final Leaf<Basic, Basic> BASIC =
      Leaf.closing(
          "auth.basic",
          "auth-basic",
          Leaf.Getter.in(Policy::auth, Auth::basic),
          new Unread(),
          new Basic(null, null));

  /** It is read with the Secret that it names. */
  private static final class Unread implements Form<Basic, Basic> {
    @Override
    public Basic ofText(String text) {
      return new Basic(text, null);
    }

    @Override
    public Basic read(Basic value, String path, Problems problems) {
      return value;
    }

    @Override
    public String accepts() {
      return "name of a Secret whose entry `auth` is an htpasswd file";
    }
  }

  @Override
  public List<Leaf<?, ?>> leaves() {
    return List.of(BASIC);
  }

  @Override
  public @Nullable BasicAuth read(Reading in) {
    Stated<Basic> stated = in.highest(BASIC);
    if (stated == null) {
      return null;
    }
    Problems problems = in.problems();
    SecretLookup lookup = in.secrets();
    if (!stated.isOwn() || lookup == null) {
      problems.fault(
          Reason.NOT_ALLOWED,
          stated.path(),
          "its Secret belongs to a namespace, and a LongshoreConfig to none: write it in the"
              + " routes");
      return null;
    }
    String realm = Objects.requireNonNullElse(stated.value().realm(), REALM);
    if (!BasicAuth.isRealm(realm)) {
      problems.fault(Reason.INVALID, stated.path() + ".realm", "must be " + BasicAuth.REALM);
      return null;
    }
    String path = stated.path() + ".secretName";
    String name =
        problems.parse(
            path, () -> Names.object(Objects.requireNonNullElse(stated.value().secretName(), "")));
    String users = name == null ? null : users(lookup, name, path, problems);
    return users == null ? null : new BasicAuth(realm, new dev.longshore.contract.Secret(users));
  }

  private static @Nullable String users(
      SecretLookup lookup, String name, String path, Problems problems) {
    Secret secret = lookup.secret(name);
    if (secret == null) {
      problems.fault(Reason.SECRET_NOT_FOUND, path, lookup.missingSecret(name));
      return null;
    }
    if (!HeaderSecrets.isOpaque(secret)) {
      problems.fault(
          Reason.REF_NOT_PERMITTED,
          path,
          lookup.shownSecret(name)
              + " is of type "
              + Quote.of(secret.getType())
              + ": users are taken from Secrets of type Opaque only");
      return null;
    }
    byte[] bytes;
    try {
      bytes = HeaderSecrets.bytes(secret, ENTRY);
    } catch (IllegalArgumentException e) {
      problems.fault(Reason.INVALID, path, "its entry " + ENTRY + " " + e.getMessage());
      return null;
    }
    if (bytes == null || bytes.length > HardLimits.HTPASSWD_BYTES) {
      problems.fault(
          bytes == null ? Reason.SECRET_NOT_FOUND : Reason.INVALID,
          path,
          "has no entry %s of at most %,d bytes".formatted(ENTRY, HardLimits.HTPASSWD_BYTES));
      return null;
    }
    return lines(new String(bytes, StandardCharsets.UTF_8), path, problems);
  }

  private static @Nullable String lines(String text, String path, Problems problems) {
    List<String> users = new ArrayList<>();
    List<String> lines = text.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      String problem = BasicAuth.problem(line);
      if (problem != null) {
        problems.fault(
            Reason.INVALID, path, "line " + (i + 1) + " of its entry " + ENTRY + " " + problem);
        return null;
      }
      users.add(line);
    }
    if (users.isEmpty()) {
      problems.fault(Reason.INVALID, path, "its entry " + ENTRY + " names nobody");
      return null;
    }
    return String.join("\n", users);
  }
}
