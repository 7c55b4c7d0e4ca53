package dev.longshore.operator.translate.policy;

import dev.longshore.operator.source.HeaderEntries;
import dev.longshore.operator.translate.field.HeaderNames;
import io.fabric8.kubernetes.api.model.Secret;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Reads values of headers out of Secrets. Nothing of a value is in any message. */
final class HeaderSecrets {
  /** As long as a header's value may be, and a line end. */
  static final int MOST_BYTES = HeaderEntries.MOST_BYTES;

  private HeaderSecrets() {}

  /**
   * Whether the Secret is of the type that users make for themselves. The others are for somebody:
   * service-account tokens, private keys, credentials of registries.
   */
  static boolean isOpaque(Secret secret) {
    return HeaderEntries.isOpaque(secret);
  }

  /**
   * The value that an entry holds; one line end behind it, which files have, doesn't count.
   *
   * @return null if there is no such entry, or it is longer than any header may be
   * @throws IllegalArgumentException if it is no header's value; the message completes "the entry
   *     …"
   */
  static dev.longshore.contract.@Nullable Secret read(Secret secret, String key) {
    byte[] bytes = bytes(secret, key);
    if (bytes == null || bytes.length > MOST_BYTES) {
      return null;
    }
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    if (text.endsWith("\n")) {
      text = text.substring(0, text.length() - (text.endsWith("\r\n") ? 2 : 1));
    }
    if (text.isEmpty()) {
      throw new IllegalArgumentException("is empty");
    }
    return new dev.longshore.contract.Secret(HeaderNames.unshown(text));
  }

  /**
   * An entry as it is; null: there is none.
   *
   * @throws IllegalArgumentException if it is not base64; the message completes "the entry …"
   */
  static byte @Nullable [] bytes(Secret secret, String key) {
    // stringData goes over data, as the API server has it; a folder's manifests may have both.
    String text = secret.getStringData() == null ? null : secret.getStringData().get(key);
    if (text != null) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
    String data = secret.getData() == null ? null : secret.getData().get(key);
    if (data == null) {
      return null;
    }
    try {
      return Base64.getMimeDecoder().decode(data);
    } catch (IllegalArgumentException e) {
      // Without its cause, which may quote what it didn't understand.
      throw new IllegalArgumentException("is not base64");
    }
  }
}
