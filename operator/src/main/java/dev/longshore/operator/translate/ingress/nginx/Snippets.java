package dev.longshore.operator.translate.ingress.nginx;

import dev.longshore.contract.Durations;
import dev.longshore.operator.translate.policy.TimeoutsReader;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Reason;

/** Snippets of nginx configuration: nothing of them is ever run, what they mean is served. */
final class Snippets implements Family {
  @Override
  public void judge(String name, String value, String at, Served served, Problems found) {
    NginxSnippet snippet = NginxSnippet.of(value);
    // What a server says of headers its locations, which say more, don't inherit.
    boolean ofLocation = !name.startsWith("server-");
    NginxSnippet.Meaning meaning =
        !ofLocation && snippet.edits().stream().anyMatch(NginxSnippet.Edit::ofRequest)
            ? NginxSnippet.Meaning.UNKNOWN
            : snippet.meaning();
    if (meaning == NginxSnippet.Meaning.UNKNOWN) {
      found.fault(
          Reason.UNSUPPORTED_VALUE,
          at,
          "snippets of nginx configuration are not read, and this one may decide who may come"
              + " or where requests go, so the rules answer 503: say it by longshore.dev/"
              + " annotations such as allow, deny, origins and rewrite-path, and remove it");
      return;
    }
    boolean serves = ofLocation && snippet.saysSomething();
    if (serves) {
      serve(snippet, at, served);
    }
    if (meaning == NginxSnippet.Meaning.HARMLESS || (!ofLocation && snippet.saysSomething())) {
      found.warn(
          Reason.NOT_SUPPORTED,
          at,
          (serves ? "is served but for what can't be" : "is not served")
              + ", and the rules go on, for it closes nothing: timeouts are"
              + " longshore.dev/idle-timeout and response-timeout, headers of answers"
              + " spec.policy.headers of a WebSocketRoute");
    } else if (serves) {
      found.note(
          Reason.TRANSLATED,
          at,
          "is served: its headers are set and taken away, its timeouts hold");
    } else {
      found.note(
          Reason.NO_EFFECT, at, "no effect here: what it asks for is done for every WebSocket");
    }
  }

  private static void serve(NginxSnippet snippet, String at, Served served) {
    for (NginxSnippet.Edit edit : snippet.edits()) {
      served.header(
          edit.ofRequest() ? Served.Direction.REQUEST : Served.Direction.RESPONSE,
          edit.name(),
          edit.value(),
          at);
    }
    if (snippet.connect() != null) {
      served.state(TimeoutsReader.CONNECT, Durations.format(snippet.connect()), at);
    }
    if (snippet.read() != null) {
      served.state(TimeoutsReader.IDLE, Durations.format(snippet.read()), at);
      served.state(TimeoutsReader.RESPONSE, Durations.format(snippet.read()), at);
    }
  }
}
