package dev.longshore.proxy.dial;

import java.io.IOException;

/**
 * No connection could be begun for a reason of this process or its node: no descriptor or local
 * port left, no memory, an address family that is not spoken here. It says nothing of the endpoint.
 */
public final class LocalFailureException extends IOException {
  private static final long serialVersionUID = 1;

  /** As strerror has EADDRNOTAVAIL; the transports tell it by the text alone. */
  private static final String NO_LOCAL_ADDRESS = "Cannot assign requested address";

  LocalFailureException(Throwable cause) {
    super("no connection can be begun: " + cause.getMessage(), cause);
  }

  /** What a connect failed for, as one of these if it is of this node. */
  static Throwable tell(Throwable cause) {
    String message = cause.getMessage();
    return message != null && message.contains(NO_LOCAL_ADDRESS)
        ? new LocalFailureException(cause)
        : cause;
  }
}
