package dev.longshore.proxy.http;

import dev.longshore.proxy.fields.ConnectionOptions;
import dev.longshore.proxy.route.RequestTarget;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import org.jspecify.annotations.Nullable;

/**
 * A request whose head was read and found sound.
 *
 * @param method its method
 * @param protocol by which it came
 * @param headers as received
 * @param connection what its Connection header says
 * @param host as rules are matched; empty when an HTTP/1.0 request has none
 * @param authority Host as it goes upstream; null when there is none
 * @param target normalised request target
 * @param body how its body is delimited; in HTTP/2 without a length as by chunks
 * @param websocket whether it asks for an upgrade to WebSocket
 * @param id value of X-Request-Id
 * @param peer who is connected
 * @param client who that is after trusted proxies
 * @param asked scheme, host and port in the client's own terms
 * @param startNanos {@code System.nanoTime()} at which its head was complete
 */
public record ClientRequest(
    HttpMethod method,
    Protocol protocol,
    HttpHeaders headers,
    ConnectionOptions connection,
    String host,
    @Nullable String authority,
    RequestTarget.Accepted target,
    Body body,
    boolean websocket,
    String id,
    ClientPeer peer,
    ClientIdentity client,
    RequestedAs asked,
    long startNanos) {

  /** How a request body is delimited (RFC 9112 §6). */
  public sealed interface Body {
    /** There is none. */
    record None() implements Body {}

    /** By Content-Length, at least 1. */
    record Length(long bytes) implements Body {}

    /** By chunks. */
    record Chunked() implements Body {}

    /** The one instance. */
    Body NONE = new None();

    /** The one instance. */
    Body CHUNKED = new Chunked();
  }

  /** Whether its version is 1.0. */
  public boolean http10() {
    return protocol == Protocol.HTTP_1_0;
  }

  /** Whether its answer has no body, whatever it says. */
  public boolean isHead() {
    return HttpMethod.HEAD.equals(method);
  }

  /** Whether there is a body, be it empty chunks. */
  public boolean hasBody() {
    return !(body instanceof Body.None);
  }

  /** Whether the client spoke over TLS: to us, or, as a trusted proxy says, to that one. */
  public boolean secure() {
    return asked.secure();
  }

  /** Whether the client's connection can take another request after this one. */
  public boolean keepAlive() {
    return http10() ? connection.keepAlive() && !connection.close() : !connection.close();
  }
}
