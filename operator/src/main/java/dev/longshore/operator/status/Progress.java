package dev.longshore.operator.status;

import java.util.List;

/** How far one generation of a resource has come on the data planes. */
sealed interface Progress {
  /** Every ready data plane has acknowledged it; what comes later doesn't change that. */
  record Programmed(int dataPlanes) implements Progress {}

  /**
   * Some have not yet.
   *
   * @param ready how many data planes are ready
   * @param programmed how many of them have acknowledged it
   * @param missing names of some that have not
   */
  record Pending(int ready, int programmed, List<String> missing) implements Progress {}

  /** A data plane refused a part of it, which answers 503 instead. */
  record Rejected(int ready, String why) implements Progress {}

  /** No data plane is ready. */
  record NoDataPlane() implements Progress {}
}
