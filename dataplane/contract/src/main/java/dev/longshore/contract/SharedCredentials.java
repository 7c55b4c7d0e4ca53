package dev.longshore.contract;

import org.jspecify.annotations.Nullable;

/**
 * Credentials with the hash of their content, which is computed once, however many pools refer to
 * them. Equal when the content is.
 */
public final class SharedCredentials {
  private final UpstreamCredentials content;
  private final EntryHash hash;

  /** Hashes the content. */
  public SharedCredentials(UpstreamCredentials content) {
    this.content = content;
    this.hash = Canonical.hash(content);
  }

  /** The first 32 hexadecimal digits of the SHA-256 of the canonical content. */
  public String id() {
    return hash.policyId();
  }

  /** The certificates themselves. */
  public UpstreamCredentials content() {
    return content;
  }

  EntryHash hash() {
    return hash;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SharedCredentials that && hash.equals(that.hash);
  }

  @Override
  public int hashCode() {
    return hash.hashCode();
  }

  @Override
  public String toString() {
    return "SharedCredentials[" + id() + "]";
  }
}
