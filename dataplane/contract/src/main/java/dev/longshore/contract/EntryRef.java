package dev.longshore.contract;

import dev.longshore.contract.Certificate.CertificateKey;

/** Names one entry of a snapshot, for errors and for whoever has to put it aside. */
public sealed interface EntryRef {

  /** The entry as errors write it: {@code rules[chat.example.com Prefix /a]}. */
  String path();

  /** A location rule. */
  record Rule(RuleKey key) implements EntryRef {
    @Override
    public String path() {
      String type =
          switch (key.pathType()) {
            case EXACT -> "Exact";
            case REGEX -> "Regex";
            case PREFIX -> "Prefix";
          };
      StringBuilder text = new StringBuilder("rules[");
      text.append(Quoted.plain(key.host())).append(' ').append(type).append(' ');
      text.append(Quoted.plain(key.path()));
      key.matches().headers().forEach(match -> append(text, "header", match));
      key.matches().query().forEach(match -> append(text, "query", match));
      return text.append(']').toString();
    }

    private static void append(StringBuilder text, String kind, ValueMatch match) {
      // Without the value, for this goes into logs and status.
      text.append(' ').append(kind).append(' ').append(Quoted.plain(match.name()));
      text.append(match.type() == ValueMatch.Type.EXACT ? "=" : "~").append(ValueMatch.REDACTED);
    }
  }

  /** An upstream pool. */
  record Pool(PoolKey key) implements EntryRef {
    @Override
    public String path() {
      return "pools["
          + Quoted.plain(key.kind())
          + " "
          + Quoted.plain(key.namespace())
          + "/"
          + Quoted.plain(key.resource())
          + " "
          + Quoted.plain(key.upstream())
          + "]";
    }
  }

  /** An endpoint set. */
  record Endpoints(EndpointSetKey key) implements EntryRef {
    @Override
    public String path() {
      return "endpointSets["
          + Quoted.plain(key.namespace())
          + "/"
          + Quoted.plain(key.service())
          + ":"
          + Quoted.plain(key.port())
          + "]";
    }
  }

  /** A certificate. */
  record Tls(CertificateKey key) implements EntryRef {
    @Override
    public String path() {
      return "certificates["
          + Quoted.plain(key.namespace())
          + "/"
          + Quoted.plain(key.secret())
          + "]";
    }
  }

  /** A policy. */
  record PolicyId(String id) implements EntryRef {
    @Override
    public String path() {
      return "policies[" + Quoted.plain(id) + "]";
    }
  }

  /** Credentials towards upstreams. */
  record Credentials(String id) implements EntryRef {
    @Override
    public String path() {
      return "credentials[" + Quoted.plain(id) + "]";
    }
  }

  /** A listener. */
  record OfListener(String name) implements EntryRef {
    @Override
    public String path() {
      return "listeners[" + Quoted.plain(name) + "]";
    }
  }

  /** The settings. */
  record AllSettings() implements EntryRef {
    @Override
    public String path() {
      return "settings";
    }
  }
}
