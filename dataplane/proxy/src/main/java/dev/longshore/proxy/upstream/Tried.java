package dev.longshore.proxy.upstream;

import org.jspecify.annotations.Nullable;

/**
 * The endpoints that one request has tried in vain: an immutable list, empty without allocation.
 */
public final class Tried {
  /** None yet. */
  public static final Tried NONE = new Tried(null, null);

  private final @Nullable EndpointState endpoint;
  private final @Nullable Tried before;

  private Tried(@Nullable EndpointState endpoint, @Nullable Tried before) {
    this.endpoint = endpoint;
    this.before = before;
  }

  /** These and one more. */
  public Tried with(EndpointState failed) {
    return new Tried(failed, this);
  }

  /** How many attempts there were. */
  public int count() {
    int count = 0;
    for (Tried tried = this; tried.before != null; tried = tried.before) {
      count++;
    }
    return count;
  }

  boolean contains(EndpointState candidate) {
    for (Tried tried = this; tried != null; tried = tried.before) {
      if (tried.endpoint == candidate) {
        return true;
      }
    }
    return false;
  }
}
