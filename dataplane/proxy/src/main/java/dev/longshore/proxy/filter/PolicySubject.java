package dev.longshore.proxy.filter;

import java.net.InetAddress;
import java.util.List;

/**
 * Who wants something, as a policy judges it: a request, or an open tunnel by what is kept of its
 * handshake. Asked only for what the policy is about.
 */
public interface PolicySubject {
  /** The client's address, after trusted proxies. */
  InetAddress address();

  /** Whether it came over TLS. */
  boolean secure();

  /** Whether it is a WebSocket, or wants to be one. */
  boolean websocket();

  /** All values of the Origin header. */
  List<String> origins();

  /** Whether Origin names what was asked itself: a page that talks to where it came from. */
  boolean sameOrigin();

  /** Subprotocols that are offered; of an open tunnel the one that was agreed. */
  List<String> subprotocols();
}
