package dev.longshore.proxy.http;

import dev.longshore.proxy.http.Admission.Decision;

/** Begins the exchange of each request of an event loop, as admission has it. On that loop. */
public final class Exchanges {
  private final Admission admission;
  private final Upgrades upgrades;

  Exchanges(Admission admission, Upgrades upgrades) {
    this.admission = admission;
    this.upgrades = upgrades;
  }

  /** A request has come: it is refused, or its exchange begins. */
  public void begin(ClientStream client, ClientRequest request) {
    decided(client, request, admission.admit(request, client.loopContext().state()));
  }

  /** Goes on as admission has it, at once or when it is decided later. */
  void decided(ClientStream client, ClientRequest request, Decision decision) {
    switch (decision) {
      case Admission.Refused refused -> {
        client.loopContext().recorder().refused(request, refused.answer(), refused.source());
        client.refuse(refused.answer());
      }
      case Admission.Undecided undecided -> client.begin(new PendingAdmission(client, undecided));
      case Admitted admitted -> {
        client.boundStall(admitted.policy().timeouts().writeStall());
        client.begin(
            request.websocket()
                ? upgrades.exchange(client, admitted)
                : new PlainExchange(client, admitted));
      }
    }
  }
}
