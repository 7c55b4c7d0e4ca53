package dev.longshore.operator.translate.ingress.nginx;

import dev.longshore.operator.translate.verdict.Problems;

/** Annotations that belong together: how their values are read. */
interface Family {
  /**
   * Reads one, states what it means, and says so.
   *
   * @param name behind the prefix
   * @param value without blanks at its ends
   * @param at its field path
   * @param served takes what it means
   * @param found hears what is to be said
   */
  void judge(String name, String value, String at, Served served, Problems found);
}
