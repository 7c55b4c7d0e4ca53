package dev.longshore.operator.push;

/**
 * Hears of data planes, one call after the other on the push server's thread: whoever has more to
 * do than to take a note does it elsewhere.
 */
public interface DataPlaneListener {

  /** It said hello, for the first time or with another role. */
  default void connected(DataPlaneState dataPlane) {}

  /** It serves {@link DataPlaneState#applied()} now. */
  default void acknowledged(DataPlaneState dataPlane) {}

  /** It refused something; what it served before is still served. */
  default void rejected(DataPlaneState dataPlane, Rejection rejection) {}

  /** Its channel is gone. */
  default void disconnected(DataPlaneState dataPlane) {}
}
