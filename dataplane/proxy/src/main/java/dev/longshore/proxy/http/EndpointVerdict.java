package dev.longshore.proxy.http;

import dev.longshore.proxy.net.ClientNetwork;
import dev.longshore.proxy.observe.UpstreamFailure;
import dev.longshore.proxy.upstream.EndpointState;

/** What an attempt says of its endpoint, to the pool that counts it. */
final class EndpointVerdict {
  private EndpointVerdict() {}

  /**
   * It failed, before an answer had begun.
   *
   * @param delivered whether the endpoint has been given all of the request, so that it owes an
   *     answer
   */
  static void failed(
      Admitted admitted, EndpointState endpoint, UpstreamFailure failure, boolean delivered) {
    switch (failure.blame()) {
      case ENDPOINT -> admitted.pool().failed(endpoint, failure.words());
      case IF_SEVERAL_SAW_IT -> {
        // Who waits for the rest of a request may give up.
        if (delivered) {
          doubt(admitted, endpoint, failure.words());
        }
      }
      case NOBODY -> {}
    }
  }

  /**
   * An answer shows that an endpoint is well, whatever it says; but not to a handshake, when it
   * comes from a gateway before it or from one that is starting or stopping.
   */
  static void answered(Admitted admitted, EndpointState endpoint, int status) {
    if (admitted.request().websocket() && status >= 502 && status <= 504) {
      doubt(admitted, endpoint, "answered " + status);
    } else {
      admitted.pool().succeeded(endpoint);
    }
  }

  private static void doubt(Admitted admitted, EndpointState endpoint, String what) {
    admitted
        .pool()
        .doubted(endpoint, what, ClientNetwork.site(admitted.request().client().address()));
  }
}
