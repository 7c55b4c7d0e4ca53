package dev.longshore.proxy.tunnel;

import dev.longshore.contract.Policy;
import dev.longshore.contract.RuleSource;
import org.jspecify.annotations.Nullable;

/**
 * What a tunnel keeps of the handshake that opened it. It holds the rule that admitted it: later
 * changes of configuration don't touch it.
 *
 * @param client address of the client after trusted proxies, without port
 * @param requestId value of X-Request-Id
 * @param host as the rule was matched
 * @param path normalised, without query
 * @param source the rule
 * @param endpoint released exactly once, when the tunnel has ended
 * @param timeouts idle, maxLifetime and writeStall are used
 * @param closing how a polite Close is done
 * @param subprotocol agreed in the handshake
 */
public record TunnelContext(
    String client,
    String requestId,
    String host,
    String path,
    RuleSource source,
    EndpointHold endpoint,
    Policy.Timeouts timeouts,
    Policy.Closing closing,
    @Nullable String subprotocol) {}
