package dev.longshore.proxy.http;

/** The version of HTTP that a client speaks. */
public enum Protocol {
  HTTP_1_0("HTTP/1.0"),
  HTTP_1_1("HTTP/1.1"),
  HTTP_2("HTTP/2");

  private final String text;

  Protocol(String text) {
    this.text = text;
  }

  /** As logs have it. */
  public String text() {
    return text;
  }
}
