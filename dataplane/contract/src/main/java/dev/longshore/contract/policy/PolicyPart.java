package dev.longshore.contract.policy;

import dev.longshore.contract.Field;
import java.util.Set;

/**
 * One concern of a policy. What its record holds is what data planes of other versions read: once
 * published it stays as it is, and what is to be said beside it becomes a part of its own, which a
 * data plane that lacks it is known by.
 */
public sealed interface PolicyPart
    permits Access,
        AllowedOrigins,
        AllowedSubprotocols,
        BasicAuth,
        Closing,
        Cors,
        Draining,
        EncodedSlashes,
        ExternalAuth,
        FixedAnswer,
        InsecureMode,
        JwtAuth,
        Limits,
        Ping,
        RequestHeaders,
        RequestRate,
        ResponseHeaders,
        Retries,
        SignIn,
        Timeouts,
        UpgradeMode {

  /** Reports what a data plane could not enforce, or would have to guess. */
  void check(Field at);

  /** Whether it says what a policy without it says too. */
  default boolean isDefault() {
    return equals(PartType.of(this).standard());
  }

  /** What a data plane has to know for it, by the names of its hello. */
  default Set<String> features() {
    return PartType.of(this).features();
  }
}
