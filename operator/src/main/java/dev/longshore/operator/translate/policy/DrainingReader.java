package dev.longshore.operator.translate.policy;

import dev.longshore.api.v1alpha1.Policy;
import dev.longshore.api.v1alpha1.Policy.DrainAction;
import dev.longshore.contract.policy.Draining;
import dev.longshore.contract.policy.Draining.OnChange;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** When tunnels are closed because of a change, and how fast. */
final class DrainingReader implements PartReader {
  private static final Leaf<String, Duration> WINDOW =
      Leaf.open(
          "drain.window",
          "drain-window",
          Leaf.Getter.in(Policy::drain, Policy.Drain::window),
          Text.duration(Duration.ZERO),
          Draining.DEFAULT.window());
  private static final Leaf<DrainAction, OnChange> ON_REMOVAL =
      leaf("onRemoval", "drain-on-removal", Policy.Drain::onRemoval);
  private static final Leaf<DrainAction, OnChange> ON_POLICY_CHANGE =
      leaf("onPolicyChange", null, Policy.Drain::onPolicyChange);

  private static Leaf<DrainAction, OnChange> leaf(
      String name, @Nullable String annotation, Function<Policy.Drain, @Nullable DrainAction> get) {
    return Leaf.open(
        "drain." + name,
        annotation,
        Leaf.Getter.in(Policy::drain, get),
        Choice.of(
            DrainAction.class,
            action ->
                switch (action) {
                  case KEEP -> OnChange.KEEP;
                  case CLOSE -> OnChange.CLOSE;
                }),
        OnChange.KEEP);
  }

  @Override
  public List<Leaf<?, ?>> leaves() {
    return List.of(WINDOW, ON_REMOVAL, ON_POLICY_CHANGE);
  }

  @Override
  public Draining read(Reading in) {
    return new Draining(in.get(WINDOW), in.get(ON_REMOVAL), in.get(ON_POLICY_CHANGE));
  }
}
