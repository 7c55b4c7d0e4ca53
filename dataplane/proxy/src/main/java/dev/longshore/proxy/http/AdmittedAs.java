package dev.longshore.proxy.http;

import dev.longshore.proxy.filter.TunnelGuard;
import dev.longshore.proxy.proof.Proof;
import dev.longshore.proxy.route.RequestTarget;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What filters have made of a request beside its fields.
 *
 * @param target without what nobody behind them is to see
 * @param guard who has a say as long as it is a tunnel; null: nobody
 * @param end of the tunnel at the latest; null: none
 * @param subprotocol that is agreed to if the upstream agrees to none; null: then none is
 * @param proofs by what it was let in
 */
record AdmittedAs(
    RequestTarget.Accepted target,
    @Nullable TunnelGuard guard,
    @Nullable Instant end,
    @Nullable String subprotocol,
    List<Proof> proofs) {}
