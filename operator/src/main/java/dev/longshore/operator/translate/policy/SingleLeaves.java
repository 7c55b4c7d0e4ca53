package dev.longshore.operator.translate.policy;

import dev.longshore.api.v1alpha1.Policy;
import dev.longshore.api.v1alpha1.Policy.Insecure;
import dev.longshore.api.v1alpha1.Policy.Upgrade;
import dev.longshore.contract.policy.EncodedSlashes;
import dev.longshore.contract.policy.InsecureMode;
import dev.longshore.contract.policy.Retries;
import dev.longshore.contract.policy.UpgradeMode;
import dev.longshore.operator.translate.field.Names;
import java.util.List;

/** Leaves that are a part of the policy each. */
public final class SingleLeaves {
  /** Whether requests may, must or must not be upgrades. */
  public static final Leaf<Upgrade, UpgradeMode> UPGRADE =
      Leaf.closing(
          "upgrade",
          "upgrade",
          Policy::upgrade,
          Choice.of(
              Upgrade.class,
              mode ->
                  switch (mode) {
                    case ALLOW -> UpgradeMode.ALLOW;
                    case REQUIRE -> UpgradeMode.REQUIRE;
                    case DENY -> UpgradeMode.DENY;
                  }),
          UpgradeMode.ALLOW);

  /** What requests in the clear get. */
  public static final Leaf<Insecure, InsecureMode> INSECURE =
      Leaf.closing(
          "insecure",
          "insecure",
          Policy::insecure,
          Choice.of(
              Insecure.class,
              mode ->
                  switch (mode) {
                    case ALLOW -> InsecureMode.ALLOW;
                    case REDIRECT -> InsecureMode.REDIRECT;
                  }),
          InsecureMode.REDIRECT);

  /** What encoded slashes in a path get. */
  static final Leaf<Policy.EncodedSlashes, EncodedSlashes> ENCODED_SLASHES =
      Leaf.closing(
          "encodedSlashes",
          "encoded-slashes",
          Policy::encodedSlashes,
          Choice.of(
              Policy.EncodedSlashes.class,
              mode ->
                  switch (mode) {
                    case ALLOW -> EncodedSlashes.ALLOW;
                    case REJECT -> EncodedSlashes.REJECT;
                  }),
          EncodedSlashes.ALLOW);

  /** Whose pages may connect. */
  static final Leaf<List<String>, List<String>> ORIGINS =
      Leaf.closing(
          "origins",
          "origins",
          Policy::origins,
          new TextList<>(128, Origins::parse, "comma-separated: `https://*.example.com`"),
          List.of());

  /** Which subprotocols may be offered. */
  static final Leaf<List<String>, List<String>> SUBPROTOCOLS =
      Leaf.closing(
          "subprotocols",
          "subprotocols",
          Policy::subprotocols,
          new TextList<>(64, Names::token, "comma-separated names"),
          List.of());

  /** How often another endpoint is tried. */
  public static final Leaf<Integer, Integer> RETRIES =
      Leaf.open(
          "retries.attempts",
          "retries",
          Leaf.Getter.in(Policy::retries, Policy.Retries::attempts),
          WholeNumber.from(0, 10),
          Retries.DEFAULT.attempts());

  private SingleLeaves() {}
}
