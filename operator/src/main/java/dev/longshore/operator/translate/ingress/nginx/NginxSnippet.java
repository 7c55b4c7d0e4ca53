package dev.longshore.operator.translate.ingress.nginx;

import dev.longshore.operator.translate.field.HeaderNames;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a snippet of nginx configuration is there for. Only what is known to keep nobody out and to
 * send nothing elsewhere is passed over; blocks, {@code if}, {@code deny}, {@code return} and
 * whatever is not known may do either.
 *
 * @param meaning of what stands in it beside the following
 * @param edits of headers, to literal values
 * @param connect until an endpoint takes a connection; null: it doesn't say
 * @param read the gap between two reads; null: it doesn't say
 */
record NginxSnippet(
    Meaning meaning, List<Edit> edits, @Nullable Duration connect, @Nullable Duration read) {
  private static final int LONGEST = 16 * 1024;
  private static final int MOST_EDITS = 32;

  private static final NginxSnippet UNREADABLE =
      new NginxSnippet(Meaning.UNKNOWN, List.of(), null, null);

  /** What every proxy of WebSockets does, and Longshore without being asked. */
  private static final Set<String> DEFAULTS =
      Set.of(
          "proxy_http_version 1.1",
          "proxy_set_header upgrade $http_upgrade",
          "proxy_set_header connection upgrade",
          "proxy_set_header connection $connection_upgrade",
          "proxy_set_header connection $http_connection",
          "proxy_set_header host $host",
          "proxy_set_header host $http_host",
          "proxy_set_header host $best_http_host",
          "proxy_set_header x-real-ip $remote_addr",
          "proxy_set_header x-forwarded-for $proxy_add_x_forwarded_for",
          "proxy_set_header x-forwarded-for $remote_addr",
          "proxy_set_header x-forwarded-proto $scheme",
          "proxy_set_header x-forwarded-proto $pass_access_scheme",
          "proxy_set_header x-forwarded-host $host",
          "proxy_set_header x-forwarded-host $http_host",
          "proxy_set_header x-forwarded-port $server_port",
          "proxy_pass_header upgrade",
          "proxy_cache_bypass $http_upgrade",
          "proxy_redirect off");

  /** Directives without which the rules are right, if not the same. */
  private static final Set<String> HARMLESS =
      Set.of(
          "add_header",
          "more_set_headers",
          "more_clear_headers",
          "expires",
          "etag",
          "gzip",
          "gzip_types",
          "gzip_min_length",
          "gzip_vary",
          "gzip_proxied",
          "gzip_comp_level",
          "brotli",
          "tcp_nodelay",
          "tcp_nopush",
          "access_log",
          "error_log",
          "log_not_found",
          "chunked_transfer_encoding",
          "client_max_body_size",
          "client_body_buffer_size",
          "client_body_timeout",
          "client_header_timeout",
          "send_timeout",
          "keepalive_timeout",
          "keepalive_requests",
          "large_client_header_buffers",
          "proxy_buffering",
          "proxy_request_buffering",
          "proxy_buffer_size",
          "proxy_buffers",
          "proxy_busy_buffers_size",
          "proxy_max_temp_file_size",
          "proxy_connect_timeout",
          "proxy_read_timeout",
          "proxy_send_timeout",
          "proxy_socket_keepalive",
          "proxy_ignore_client_abort",
          "proxy_hide_header",
          "proxy_pass_header",
          "server_tokens");

  NginxSnippet {
    edits = List.copyOf(edits);
  }

  /** What is missing without a snippet. */
  enum Meaning {
    /** Nothing: it asks for what is done anyway. */
    DEFAULT,
    /** Something that lets nobody in, and sends nothing elsewhere. */
    HARMLESS,
    /** Perhaps what keeps somebody out. */
    UNKNOWN
  }

  /**
   * An edit of a header.
   *
   * @param ofRequest on the way upstream; else of the answer
   * @param value null: it is taken away
   */
  record Edit(boolean ofRequest, String name, @Nullable String value) {}

  /** Whether it has something that is served. */
  boolean saysSomething() {
    return !edits.isEmpty() || connect != null || read != null;
  }

  static NginxSnippet of(String snippet) {
    List<List<String>> statements = snippet.length() > LONGEST ? null : statements(snippet);
    if (statements == null) {
      return UNREADABLE;
    }
    Meaning meaning = Meaning.DEFAULT;
    List<Edit> edits = new ArrayList<>();
    Duration connect = null;
    Duration read = null;
    for (List<String> words : statements) {
      if (words.isEmpty() || DEFAULTS.contains(String.join(" ", words).toLowerCase(Locale.ROOT))) {
        continue;
      }
      String directive = words.getFirst();
      List<String> arguments = words.subList(1, words.size());
      List<Edit> said = edits(directive, arguments);
      Duration time = arguments.size() == 1 ? time(arguments.getFirst()) : null;
      if (said != null) {
        edits.addAll(said);
      } else if (directive.equals("proxy_connect_timeout") && time != null) {
        connect = time;
      } else if (directive.equals("proxy_read_timeout") && time != null) {
        read = time;
      } else if (!directive.equals("proxy_send_timeout") || time == null) {
        if (!HARMLESS.contains(directive)) {
          return UNREADABLE;
        }
        meaning = Meaning.HARMLESS;
      }
    }
    return edits.size() > MOST_EDITS ? UNREADABLE : new NginxSnippet(meaning, edits, connect, read);
  }

  private static @Nullable Duration time(String text) {
    try {
      return NginxTime.parse(text);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** The edits of a directive; null: it is another one, or says more than literals. */
  private static @Nullable List<Edit> edits(String directive, List<String> arguments) {
    return switch (directive) {
      case "proxy_set_header" ->
          arguments.size() == 2 ? one(true, arguments.get(0), arguments.get(1)) : null;
      case "add_header" ->
          arguments.size() == 2 || (arguments.size() == 3 && arguments.get(2).equals("always"))
              ? one(false, arguments.get(0), arguments.get(1))
              : null;
      case "proxy_hide_header" -> arguments.size() == 1 ? one(false, arguments.get(0), "") : null;
      case "more_set_headers", "more_clear_headers" -> all(false, directive, arguments);
      case "more_set_input_headers", "more_clear_input_headers" -> all(true, directive, arguments);
      default -> null;
    };
  }

  /** Each {@code Name: value}, or a name to be taken away. */
  private static @Nullable List<Edit> all(
      boolean ofRequest, String directive, List<String> arguments) {
    List<Edit> edits = new ArrayList<>();
    for (String argument : arguments) {
      int colon = argument.indexOf(':');
      boolean clears = directive.contains("_clear_");
      if (clears == (colon >= 0)) {
        return null;
      }
      List<Edit> one =
          clears
              ? one(ofRequest, argument, "")
              : one(
                  ofRequest,
                  argument.substring(0, colon).strip(),
                  argument.substring(colon + 1).strip());
      if (one == null) {
        return null;
      }
      edits.addAll(one);
    }
    return edits.isEmpty() ? null : edits;
  }

  private static @Nullable List<Edit> one(boolean ofRequest, String name, String value) {
    // A variable is of the request, and a star means more than one header.
    if (value.indexOf('$') >= 0 || name.indexOf('*') >= 0) {
      return null;
    }
    try {
      String checked = HeaderNames.editable(name);
      return List.of(
          new Edit(ofRequest, checked, value.isEmpty() ? null : HeaderNames.unshown(value)));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /**
   * Its statements as nginx takes them apart ({@code ngx_conf_read_token}), each in its words,
   * without quotes and comments: a comment sign within quotes hides nothing. Null when it has
   * blocks, or isn't whole.
   */
  private static @Nullable List<List<String>> statements(String snippet) {
    List<List<String>> statements = new ArrayList<>();
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    char quote = 0;
    boolean begun = false;
    for (int i = 0; i < snippet.length(); i++) {
      char c = snippet.charAt(i);
      if (c == '\\' || (quote == 0 && (c == '{' || c == '}'))) {
        return null;
      }
      if (quote != 0) {
        if (c == quote) {
          quote = 0;
        } else {
          word.append(c);
        }
      } else if (!begun && (c == '"' || c == '\'')) {
        quote = c;
        begun = true;
      } else if (!begun && c == '#') {
        int end = snippet.indexOf('\n', i);
        i = end < 0 ? snippet.length() : end;
      } else if (c == ';' || Character.isWhitespace(c)) {
        if (begun) {
          words.add(word.toString());
          word.setLength(0);
          begun = false;
        }
        if (c == ';') {
          statements.add(words);
          words = new ArrayList<>();
        }
      } else {
        word.append(c);
        begun = true;
      }
    }
    if (quote != 0) {
      return null;
    }
    if (begun) {
      words.add(word.toString());
    }
    statements.add(words);
    return statements;
  }
}
