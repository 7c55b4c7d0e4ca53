package dev.longshore.proxy.http;

import dev.longshore.proxy.answer.HandshakeOutcome;
import dev.longshore.proxy.table.RoutingState;
import java.util.function.Supplier;

/** Begins the exchange of each request of an event loop, as admission has it. On that loop. */
public final class Exchanges {
  private final Admission admission;
  private final Upgrades upgrades;
  private final Supplier<RoutingState> routing;
  private final ExchangeContext context;

  Exchanges(
      Admission admission,
      Upgrades upgrades,
      Supplier<RoutingState> routing,
      ExchangeContext context) {
    this.admission = admission;
    this.upgrades = upgrades;
    this.routing = routing;
    this.context = context;
  }

  /** A request has come: it is refused, or its exchange begins. */
  public void begin(ClientStream client, ClientRequest request) {
    decided(client, request, admission.admit(request, routing.get()));
  }

  /** The client has left before it was decided. */
  void left(ClientRequest request, Decision.Refused gone) {
    context
        .recorder()
        .ended(
            request,
            new RequestRecorder.End(
                0, HandshakeOutcome.ABANDONED, 0, 0, gone.source(), null, null));
  }

  /** Goes on as admission has it, at once or when it is decided later. */
  void decided(ClientStream client, ClientRequest request, Decision decision) {
    switch (decision) {
      case Decision.Refused refused -> {
        context.recorder().refused(request, refused.answer(), refused.source());
        client.refuse(refused.answer());
      }
      case Decision.Undecided undecided ->
          client.begin(new PendingAdmission(client, undecided, this));
      case Admitted admitted -> {
        client.boundStall(admitted.policy().timeouts().writeStall());
        client.begin(
            request.websocket()
                ? upgrades.exchange(client, admitted, context)
                : new PlainExchange(client, admitted, context));
      }
    }
  }
}
