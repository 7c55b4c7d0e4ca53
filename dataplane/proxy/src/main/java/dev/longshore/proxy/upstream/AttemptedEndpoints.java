package dev.longshore.proxy.upstream;

import org.jspecify.annotations.Nullable;

/**
 * The endpoints that one request has tried in vain: an immutable list, empty without allocation.
 */
public final class AttemptedEndpoints {
  /** None yet. */
  public static final AttemptedEndpoints NONE = new AttemptedEndpoints(null, null);

  private final @Nullable EndpointState endpoint;
  private final @Nullable AttemptedEndpoints before;

  private AttemptedEndpoints(
      @Nullable EndpointState endpoint, @Nullable AttemptedEndpoints before) {
    this.endpoint = endpoint;
    this.before = before;
  }

  /** These and one more. */
  public AttemptedEndpoints with(EndpointState failed) {
    return new AttemptedEndpoints(failed, this);
  }

  /** How many attempts there were. */
  public int count() {
    int count = 0;
    for (AttemptedEndpoints tried = this; tried.before != null; tried = tried.before) {
      count++;
    }
    return count;
  }

  boolean contains(EndpointState candidate) {
    for (AttemptedEndpoints tried = this; tried != null; tried = tried.before) {
      if (tried.endpoint == candidate) {
        return true;
      }
    }
    return false;
  }
}
