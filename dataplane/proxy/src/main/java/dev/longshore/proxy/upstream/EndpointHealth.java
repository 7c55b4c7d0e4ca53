package dev.longshore.proxy.upstream;

/** Whether an endpoint gets new connections, as far as it depends on how it behaves. */
public enum EndpointHealth {
  /** Nothing speaks against it. */
  HEALTHY,
  /** Left out for a while, for connects or handshakes in a row that failed. */
  EJECTED,
  /** Left out until probes succeed again. */
  UNHEALTHY
}
