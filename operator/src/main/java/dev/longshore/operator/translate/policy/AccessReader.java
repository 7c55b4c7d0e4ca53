package dev.longshore.operator.translate.policy;

import dev.longshore.api.v1alpha1.Policy;
import dev.longshore.contract.Cidr;
import dev.longshore.contract.policy.Access;
import dev.longshore.operator.translate.field.Cidrs;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Which client addresses may connect. */
public final class AccessReader implements PartReader {
  /** Ranges that may connect. */
  public static final Leaf<List<String>, List<Cidr>> ALLOW = leaf("allow", Policy.Access::allow);

  /** Ranges that may not. */
  public static final Leaf<List<String>, List<Cidr>> DENY = leaf("deny", Policy.Access::deny);

  AccessReader() {}

  private static Leaf<List<String>, List<Cidr>> leaf(
      String name, Function<Policy.Access, @Nullable List<String>> field) {
    return Leaf.closing(
        "access." + name,
        name,
        Leaf.Getter.in(Policy::access, field),
        new TextList<>(256, Cidrs::parse, "comma-separated addresses and ranges"),
        List.of());
  }

  @Override
  public List<Leaf<?, ?>> leaves() {
    return List.of(ALLOW, DENY);
  }

  @Override
  public Access read(Reading in) {
    return new Access(in.get(ALLOW), in.get(DENY));
  }
}
