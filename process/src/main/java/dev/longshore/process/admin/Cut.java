package dev.longshore.process.admin;

import java.util.Locale;

/** Why a connection to an admin server was ended, or a request on it refused. */
enum Cut {
  /** Too many, of one address or all together; the oldest goes. */
  CONNECTIONS,
  /** No complete request in time. */
  SLOW_REQUEST,
  /** The answer was not taken in time. */
  SLOW_READER,
  /** Too many bytes of answers wait; the oldest goes. */
  ANSWERS,
  /** Too many wait for a page. */
  PAGES,
  /** A Host that is not this server's. */
  HOST;

  /** The value of the label {@code reason}. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
