package dev.longshore.proxy.observe;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.longshore.process.admin.AdminPage;
import dev.longshore.process.admin.AdminResponse;
import dev.longshore.process.admin.BadQueryException;
import dev.longshore.process.admin.Query;
import dev.longshore.proxy.tunnel.LongLivedConnection;
import dev.longshore.proxy.tunnel.TunnelContext;
import dev.longshore.proxy.tunnel.Tunnels;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * {@code /connections}: the open tunnels and the calls of gRPC that last, in pages and filtered. It
 * reads beside the event loops without stopping them, so figures may be a little old. A tunnel that
 * is open all the while is on exactly one page.
 *
 * <p>Parameters: {@code limit} (1 to 1000, default 100), {@code after} (the {@code next} of the
 * page before), {@code kind} ({@code websocket} or {@code grpc}), {@code route} ({@code
 * namespace/name}), {@code namespace}, {@code client}, {@code endpoint} ({@code address:port}).
 */
public final class ConnectionsPage implements AdminPage {
  private static final int DEFAULT_LIMIT = 100;
  private static final int MAX_LIMIT = 1000;
  private static final Set<String> KNOWN =
      Set.of("limit", "after", "kind", "route", "namespace", "client", "endpoint");

  private static final List<String> KINDS =
      Stream.of(LongLivedConnection.Type.values()).map(LongLivedConnection.Type::label).toList();

  private final Tunnels tunnels;
  private final JsonFactory json = new JsonFactory();

  /** Shows {@code tunnels} as they are when asked. */
  public ConnectionsPage(Tunnels tunnels) {
    this.tunnels = tunnels;
  }

  @Override
  public AdminResponse get(Query query) throws BadQueryException {
    query.onlyKnown(KNOWN);
    int limit = (int) query.number("limit", 1, MAX_LIMIT, DEFAULT_LIMIT);
    long after = query.number("after", 0, Long.MAX_VALUE, 0);
    Tunnels.Page page = tunnels.page(after, limit, filter(query));
    try {
      return AdminResponse.json(write(page));
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
  }

  private static Predicate<LongLivedConnection> filter(Query query) throws BadQueryException {
    Optional<String> route = query.text("route");
    if (route.isPresent() && route.get().indexOf('/') < 0) {
      throw new BadQueryException("route", "namespace/name");
    }
    Optional<String> kind = query.text("kind");
    if (kind.isPresent() && !KINDS.contains(kind.get())) {
      throw new BadQueryException("kind", String.join(" or ", KINDS));
    }
    Optional<String> namespace = query.text("namespace");
    Optional<String> client = query.text("client");
    Optional<String> endpoint = query.text("endpoint");
    return tunnel -> {
      TunnelContext context = tunnel.context();
      return isOrAny(kind, tunnel.type().label())
          && isOrAny(route, context.source().namespace() + "/" + context.source().name())
          && isOrAny(namespace, context.source().namespace())
          && isOrAny(client, context.client())
          && isOrAny(endpoint, Endpoints.text(context.endpoint().socketAddress()));
    };
  }

  private static boolean isOrAny(Optional<String> wanted, String value) {
    return wanted.isEmpty() || wanted.get().equals(value);
  }

  private byte[] write(Tunnels.Page page) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator to = json.createGenerator(out)) {
      to.writeStartObject();
      to.writeNumberField("open", tunnels.open());
      to.writeArrayFieldStart("connections");
      for (LongLivedConnection tunnel : page.tunnels()) {
        write(to, tunnel);
      }
      to.writeEndArray();
      if (page.next() > 0) {
        to.writeNumberField("next", page.next());
      }
      to.writeEndObject();
    }
    return out.toByteArray();
  }

  private static void write(JsonGenerator to, LongLivedConnection tunnel) throws IOException {
    TunnelContext context = tunnel.context();
    to.writeStartObject();
    to.writeStringField("requestId", context.requestId());
    to.writeStringField("kind", tunnel.type().label());
    to.writeStringField("protocol", context.protocol());
    to.writeNumberField("ageSeconds", TimeUnit.NANOSECONDS.toSeconds(tunnel.ageNanos()));
    to.writeStringField("client", context.client());
    to.writeStringField("host", context.host());
    to.writeStringField("path", context.path());
    to.writeStringField("route", context.source().resource());
    to.writeStringField("location", context.source().location());
    to.writeStringField("endpoint", Endpoints.text(context.endpoint().socketAddress()));
    if (context.subprotocol() != null) {
      to.writeStringField("subprotocol", context.subprotocol());
    }
    to.writeNumberField("messagesFromClient", tunnel.messagesFromClient());
    to.writeNumberField("messagesFromUpstream", tunnel.messagesFromUpstream());
    to.writeNumberField("bytesFromClient", tunnel.bytesFromClient());
    to.writeNumberField("bytesFromUpstream", tunnel.bytesFromUpstream());
    if (tunnel.cause() != null) {
      to.writeStringField("closing", tunnel.cause().reason());
    }
    to.writeEndObject();
  }
}
