package dev.longshore.operator.translate.policy;

import dev.longshore.api.v1alpha1.Auth.External;
import dev.longshore.contract.policy.SignIn;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where clients are sent that have to sign in: a field of the leaf that says who is asked. */
final class SignInReader implements PartReader {
  @Override
  public List<Leaf<?, ?>> leaves() {
    return List.of();
  }

  @Override
  public @Nullable SignIn read(Reading in) {
    Stated<External> stated = in.highest(ExternalAuthReader.EXTERNAL);
    String location = stated == null ? null : stated.value().signIn();
    if (stated == null || location == null) {
      return null;
    }
    if (!SignIn.isLocation(location)) {
      in.problems()
          .fault(
              Reason.INVALID,
              stated.path() + ".signIn",
              Quote.of(location) + " is not " + SignIn.FORM);
      return null;
    }
    return new SignIn(location);
  }
}
