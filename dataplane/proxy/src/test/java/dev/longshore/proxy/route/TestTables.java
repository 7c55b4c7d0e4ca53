package dev.longshore.proxy.route;

import dev.longshore.contract.policy.Policy;
import dev.longshore.proxy.policy.CompiledPolicy;
import dev.longshore.proxy.table.RoutingState;
import java.util.function.Function;

/** Routing whose policies are compiled as a test has it. */
public final class TestTables {
  private TestTables() {}

  /** The same state, but for what its rules' policies are. */
  public static RoutingState recompiled(
      RoutingState state, Function<Policy, CompiledPolicy> compiler) {
    return new RoutingState(
        state.snapshot(),
        RoutingTable.compile(state.snapshot(), state.pools(), compiler),
        state.certificates(),
        state.pools(),
        state.appliedAt());
  }
}
