package dev.longshore.proxy.observe;

import dev.longshore.contract.RuleSource;
import dev.longshore.proxy.answer.Failure;
import java.net.InetSocketAddress;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One answered request, for the access log.
 *
 * @param time when its head had come
 * @param client address after trusted proxies, without port
 * @param requestId value of X-Request-Id
 * @param protocol such as {@code HTTP/2}
 * @param method as sent
 * @param host as matched
 * @param path without query: secrets travel in queries
 * @param upgrade whether it asked for a WebSocket
 * @param status of the answer; 0: the client left before it
 * @param durationNanos until the last byte of the answer was handed to the kernel
 * @param bytesFromClient of the request body
 * @param bytesToClient of the answer's body
 * @param source the rule that matched
 * @param endpoint that answered, or was tried last
 * @param failure why it was not the upstream's answer, or not all of it; null: it was
 */
public record RequestEntry(
    Instant time,
    String client,
    String requestId,
    String protocol,
    String method,
    String host,
    String path,
    boolean upgrade,
    int status,
    long durationNanos,
    long bytesFromClient,
    long bytesToClient,
    @Nullable RuleSource source,
    @Nullable InetSocketAddress endpoint,
    @Nullable Failure failure) {

  /** About what a client makes it take of the heap. */
  long bytesOfHeap() {
    return (long) path.length() + host.length() + requestId.length() + method.length();
  }
}
