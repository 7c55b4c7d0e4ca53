package dev.longshore.operator.translate.policy;

import dev.longshore.api.v1alpha1.Auth;
import dev.longshore.api.v1alpha1.Policy;
import dev.longshore.contract.policy.PolicyPart;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who may connect, by what the request proves. Nothing of it is served yet. */
final class AuthReader implements PartReader {
  private static final Leaf<Object, Boolean> JWT =
      Leaf.closing(
          "auth.jwt", "auth-jwt", Leaf.Getter.in(Policy::auth, Auth::jwt), new NotServed(), false);

  @Override
  public List<Leaf<?, ?>> leaves() {
    return List.of(JWT);
  }

  @Override
  public @Nullable PolicyPart read(Reading in) {
    in.get(JWT);
    return null;
  }
}
