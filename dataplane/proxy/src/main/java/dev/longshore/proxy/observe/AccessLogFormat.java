package dev.longshore.proxy.observe;

/** How a line of the access log is written. */
public enum AccessLogFormat {
  /** One JSON object with every field, for programs. */
  JSON,
  /** What a person who looks on wants to know. */
  TEXT
}
