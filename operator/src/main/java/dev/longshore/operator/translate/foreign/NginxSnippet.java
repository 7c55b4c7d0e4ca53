package dev.longshore.operator.translate.foreign;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tells what a snippet of nginx configuration is there for. Only what is known to keep nobody out
 * and to send nothing elsewhere is passed over; blocks, {@code if}, {@code deny}, {@code return}
 * and whatever is not known may do either.
 */
final class NginxSnippet {
  private static final int LONGEST = 16 * 1024;
  private static final Pattern SPACES = Pattern.compile("\\s+");

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

  private NginxSnippet() {}

  /** What is missing without a snippet. */
  enum Meaning {
    /** Nothing: it asks for what is done anyway. */
    DEFAULT,
    /** Something that lets nobody in, and sends nothing elsewhere. */
    HARMLESS,
    /** Perhaps what keeps somebody out. */
    UNKNOWN
  }

  static Meaning of(String snippet) {
    List<String> statements = snippet.length() > LONGEST ? null : statements(snippet);
    if (statements == null) {
      return Meaning.UNKNOWN;
    }
    Meaning meaning = Meaning.DEFAULT;
    for (String statement : statements) {
      String text = SPACES.matcher(statement.strip()).replaceAll(" ").toLowerCase(Locale.ROOT);
      if (text.isEmpty() || DEFAULTS.contains(text)) {
        continue;
      }
      if (!HARMLESS.contains(text.split(" ")[0])) {
        return Meaning.UNKNOWN;
      }
      meaning = Meaning.HARMLESS;
    }
    return meaning;
  }

  /**
   * Its statements as nginx takes them apart ({@code ngx_conf_read_token}), without quotes and
   * comments: a comment sign within quotes hides nothing. Null when it has blocks, or isn't whole.
   */
  private static @Nullable List<String> statements(String snippet) {
    List<String> statements = new ArrayList<>();
    StringBuilder statement = new StringBuilder();
    char quote = 0;
    boolean tokenBegins = true;
    for (int i = 0; i < snippet.length(); i++) {
      char c = snippet.charAt(i);
      if (c == '\\' || (quote == 0 && (c == '{' || c == '}'))) {
        return null;
      }
      if (quote != 0) {
        if (c == quote) {
          quote = 0;
        } else {
          statement.append(c);
        }
      } else if (tokenBegins && (c == '"' || c == '\'')) {
        quote = c;
        tokenBegins = false;
      } else if (tokenBegins && c == '#') {
        int end = snippet.indexOf('\n', i);
        i = end < 0 ? snippet.length() : end;
      } else if (c == ';') {
        statements.add(statement.toString());
        statement.setLength(0);
        tokenBegins = true;
      } else {
        statement.append(c);
        tokenBegins = Character.isWhitespace(c);
      }
    }
    statements.add(statement.toString());
    return quote == 0 ? statements : null;
  }
}
