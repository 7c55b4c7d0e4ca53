package dev.longshore.proxy.http;

import java.io.IOException;
import java.util.List;

/**
 * No connection could be begun for a reason of this process or its node: no descriptor or local
 * port left, no memory, an address family that is not spoken here, no route to the network, or a
 * rule of the node's own that forbids it. It says nothing of the endpoint.
 *
 * <p>"No route to host" (EHOSTUNREACH) is not among them: it is what comes of a neighbour that
 * doesn't answer ARP, or of a router's ICMP, which is how the host of an endpoint looks that is
 * off.
 */
public final class LocalFailureException extends IOException {
  private static final long serialVersionUID = 1;

  /**
   * As strerror has EADDRNOTAVAIL, ENETUNREACH, ENETDOWN, EMFILE, ENFILE, ENOBUFS, ENOMEM,
   * EAFNOSUPPORT, EACCES, EPERM and EAGAIN; the transports tell them by the text alone.
   */
  private static final List<String> LOCAL =
      List.of(
          "Cannot assign requested address",
          "Network is unreachable",
          "Network unreachable",
          "Network is down",
          "Too many open files",
          "No buffer space available",
          "Cannot allocate memory",
          "Address family not supported",
          "Permission denied",
          "Operation not permitted",
          "Resource temporarily unavailable");

  /** One that {@code cause} tells of. */
  public LocalFailureException(Throwable cause) {
    super("no connection can be begun: " + cause.getMessage(), cause);
  }

  /** What a connect failed for, as one of these if it is of this node. */
  public static Throwable tell(Throwable cause) {
    String message = cause.getMessage();
    return message != null && LOCAL.stream().anyMatch(message::contains)
        ? new LocalFailureException(cause)
        : cause;
  }
}
