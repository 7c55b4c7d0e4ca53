package dev.longshore.contract;

import java.util.List;

/** Checks a policy by itself. */
final class PolicyChecks {
  private static final int MAX_ORIGINS = 128;
  private static final int MAX_SUBPROTOCOLS = 64;
  private static final int MAX_RANGES = 256;
  private static final int MAX_EDITS = 32;
  private static final int MAX_RETRIES = 10;
  private static final int MAX_LIMIT = 100_000_000;

  private PolicyChecks() {}

  static void check(Policy policy, Field field) {
    strings(policy.origins(), MAX_ORIGINS, field.at("origins"), PolicyChecks::origin);
    strings(policy.subprotocols(), MAX_SUBPROTOCOLS, field.at("subprotocols"), PolicyChecks::token);
    timeouts(policy.timeouts(), field.at("timeouts"));
    if (policy.retries() < 0 || policy.retries() > MAX_RETRIES) {
      field.at("retries").mustBe("0 to 10", policy.retries());
    }
    ranges(policy.access().allow(), MAX_RANGES, field.at("access").at("allow"));
    ranges(policy.access().deny(), MAX_RANGES, field.at("access").at("deny"));
    edits(policy.requestHeaders(), field.at("requestHeaders"));
    edits(policy.responseHeaders(), field.at("responseHeaders"));
    Field closing = field.at("closing");
    EntryChecks.duration(policy.closing().deadline(), closing.at("deadline"));
    int code = policy.closing().closeCode();
    if (!Syntax.isSendable(code)) {
      closing
          .at("closeCode")
          .mustBe(
              "a code that a server may send (RFC 6455 section 7.4): 1000 to 1003, 1007 to 1009,"
                  + " 1011 to 1014 or 3000 to 4999",
              code);
    }
    if (policy.ping() != null) {
      ping(policy.ping(), field.at("ping"));
    }
    limits(policy.limitsOrNone(), field.at("limits"));
    EntryChecks.duration(policy.drainingOrDefault().window(), field.at("draining").at("window"));
  }

  private static void ping(Policy.Ping ping, Field field) {
    EntryChecks.positive(ping.interval(), field.at("interval"));
    EntryChecks.positive(ping.timeout(), field.at("timeout"));
  }

  private static void limits(Policy.Limits limits, Field field) {
    limit(limits.connections(), field.at("connections"));
    limit(limits.connectionsPerClient(), field.at("connectionsPerClient"));
    limit(limits.handshakesPerSecondPerClient(), field.at("handshakesPerSecondPerClient"));
    limit(limits.handshakesBurst(), field.at("handshakesBurst"));
    if (limits.messageBytes() < 0) {
      field.at("messageBytes").mustBe("0 (no limit) or more", limits.messageBytes());
    }
    limit(limits.messagesPerSecond(), field.at("messagesPerSecond"));
    limit(limits.messagesBurst(), field.at("messagesBurst"));
    burst(
        limits.handshakesPerSecondPerClient(),
        limits.handshakesBurst(),
        field.at("handshakesBurst"));
    burst(limits.messagesPerSecond(), limits.messagesBurst(), field.at("messagesBurst"));
  }

  private static void limit(int limit, Field field) {
    EntryChecks.within(limit, 0, MAX_LIMIT, field);
  }

  private static void burst(int rate, int burst, Field field) {
    if (rate > 0 && burst == 0) {
      field.wrong("is 0, so nothing would ever pass; must be at least 1 beside a rate");
    }
  }

  static void ranges(List<Cidr> ranges, int max, Field field) {
    count(ranges, max, field);
    for (int i = 0; i < ranges.size(); i++) {
      String text = ranges.get(i).text();
      try {
        String canonical = Cidr.parse(text).text();
        if (!canonical.equals(text)) {
          field.at(i).mustBe("in canonical form: " + canonical, text);
        }
      } catch (IllegalArgumentException e) {
        field.at(i).mustBe("a range such as 10.0.0.0/8 or 2001:db8:0:0:0:0:0:0/32", text);
      }
    }
  }

  private static void timeouts(Policy.Timeouts timeouts, Field field) {
    EntryChecks.duration(timeouts.connect(), field.at("connect"));
    EntryChecks.duration(timeouts.handshake(), field.at("handshake"));
    EntryChecks.duration(timeouts.idle(), field.at("idle"));
    EntryChecks.duration(timeouts.maxLifetime(), field.at("maxLifetime"));
    EntryChecks.duration(timeouts.response(), field.at("response"));
    EntryChecks.duration(timeouts.writeStall(), field.at("writeStall"));
  }

  private static void edits(Policy.HeaderEdits edits, Field field) {
    Field set = field.at("set");
    count(edits.set(), MAX_EDITS, set);
    for (int i = 0; i < edits.set().size(); i++) {
      Policy.Header header = edits.set().get(i);
      headerName(header.name(), set.at(i).at("name"));
      if (!Syntax.isFieldValue(header.reveal())) {
        // The value is not repeated: it may be a credential for the upstream.
        set.at(i)
            .at(header.secret() == null ? "value" : "secret")
            .wrong("must be " + Syntax.FIELD_VALUE);
      }
    }
    strings(
        edits.remove(),
        MAX_EDITS,
        field.at("remove"),
        (name, at) -> {
          headerName(name, at);
          if (!Syntax.isLowerCase(name)) {
            at.mustBe("in lower case", name);
          }
        });
  }

  private static void headerName(String name, Field field) {
    token(name, field);
    if (Syntax.isOwnHeader(name)) {
      field.wrong(
          "is "
              + Quoted.of(name)
              + "; the data plane keeps Host (see rewrite.host), the framing headers, Connection,"
              + " Upgrade and Sec-WebSocket-* itself");
    }
  }

  private static void origin(String origin, Field field) {
    if (!Syntax.isOrigin(origin)) {
      field.mustBe(
          "a lower-case origin such as https://chat.example.com or https://*.example.com", origin);
    }
  }

  private static void token(String token, Field field) {
    if (!Syntax.isToken(token)) {
      field.mustBe(Syntax.TOKEN, token);
    }
  }

  private static void strings(List<String> list, int max, Field field, Check check) {
    count(list, max, field);
    for (int i = 0; i < list.size(); i++) {
      check.check(list.get(i), field.at(i));
    }
  }

  private static void count(List<?> list, int max, Field field) {
    if (list.size() > max) {
      field.wrong("has " + list.size() + " entries; at most " + max + " are possible");
    }
  }

  private interface Check {
    void check(String text, Field field);
  }
}
