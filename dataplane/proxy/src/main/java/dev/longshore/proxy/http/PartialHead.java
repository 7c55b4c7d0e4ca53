package dev.longshore.proxy.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * What could be read of a request that is refused for its head, for the log: bounded, and without
 * what may be secret.
 *
 * @param method {@code -} when it is not known
 * @param host as sent, or empty
 * @param path without query, or empty
 */
public record PartialHead(String method, String host, String path) {
  /** Nothing at all. */
  public static final PartialHead NONE = new PartialHead("-", "", "");

  private static final int MOST_METHOD = 32;
  private static final int MOST_HOST = 261;
  private static final int MOST_PATH = 512;

  /**
   * Of a request whose line was read.
   *
   * @param target as it was sent
   */
  public static PartialHead of(String method, String target, HttpHeaders headers) {
    String path = target;
    String host = headers.get(HttpHeaderNames.HOST, "");
    int authority = target.indexOf("://");
    if (authority >= 0) {
      // Before the host may stand a password.
      int start = authority + 3;
      int slash = target.indexOf('/', start);
      int end = slash < 0 ? target.length() : slash;
      host = target.substring(Math.max(start, target.lastIndexOf('@', end - 1) + 1), end);
      path = target.substring(end);
    }
    return new PartialHead(
        isMethod(method) ? method : "-", most(host, MOST_HOST), most(pathOf(path), MOST_PATH));
  }

  /**
   * Of a line that could not be read.
   *
   * @param start its first bytes as Latin-1; null: not even these are known
   */
  public static PartialHead ofLine(@Nullable String start, HttpHeaders headers) {
    if (start == null) {
      return NONE;
    }
    String line = start.strip();
    int end = 0;
    while (end < line.length() && line.charAt(end) != '\r' && line.charAt(end) != '\n') {
      end++;
    }
    String[] words = line.substring(0, end).split(" +", 3);
    return words.length < 2 ? NONE : of(words[0], words[1], headers);
  }

  private static String pathOf(String target) {
    for (int i = 0; i < target.length(); i++) {
      if (target.charAt(i) == '?' || target.charAt(i) == '#') {
        return target.substring(0, i);
      }
    }
    return target;
  }

  private static boolean isMethod(String word) {
    if (word.isEmpty() || word.length() > MOST_METHOD) {
      return false;
    }
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      // RFC 9110 §5.6.2.
      if (c <= ' ' || c >= 0x7f || "\"(),/:;<=>?@[\\]{}".indexOf(c) >= 0) {
        return false;
      }
    }
    return true;
  }

  private static String most(String text, int length) {
    return text.length() <= length ? text : text.substring(0, length) + "...";
  }
}
