package dev.longshore.contract.push;

import dev.longshore.contract.StrictJson;

/** The constants that both ends of the push channel share. */
public final class PushProtocol {
  /** Path of the upgrade request. */
  public static final String PATH = "/push/v1";

  /** WebSocket subprotocol; a server that doesn't select it is none of ours. */
  public static final String SUBPROTOCOL = "longshore-push.v1";

  /** What {@link Hello#protocol()} says. */
  public static final int VERSION = 1;

  /** Audience that a data plane's service-account token has to be bound to. */
  public static final String AUDIENCE = "longshore-push";

  /** The largest payload of one WebSocket frame to a data plane; larger messages are fragmented. */
  public static final int MAX_FRAME_BYTES = 64 << 10;

  /** The largest message to a data plane: beyond a snapshot of 500,000 rules. */
  public static final long MAX_OPERATOR_MESSAGE_BYTES = StrictJson.MAX_DOCUMENT_BYTES;

  /** The largest message, and the largest frame, from a data plane. */
  public static final int MAX_DATA_PLANE_MESSAGE_BYTES = 4 << 20;

  private PushProtocol() {}
}
