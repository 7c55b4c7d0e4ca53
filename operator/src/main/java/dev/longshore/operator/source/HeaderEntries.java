package dev.longshore.operator.source;

import io.fabric8.kubernetes.api.model.Secret;
import org.jspecify.annotations.Nullable;

/** Which entries of Secrets a header may be set to, so that no others need be held. */
public final class HeaderEntries {
  /** As long as a header's value may be, and a line end. */
  public static final int MOST_BYTES = 4096 + 2;

  private static final String OPAQUE = "Opaque";

  private HeaderEntries() {}

  /**
   * Whether the Secret is of the type that users make for themselves. The others are for somebody:
   * service-account tokens, private keys, credentials of registries.
   */
  public static boolean isOpaque(Secret secret) {
    String type = secret.getType();
    return type == null || type.isEmpty() || type.equals(OPAQUE);
  }

  /** Whether an entry is short enough, by its base64 without line breaks. */
  public static boolean isShort(@Nullable String base64) {
    return base64 != null && base64.length() <= (MOST_BYTES + 2) / 3 * 4;
  }
}
