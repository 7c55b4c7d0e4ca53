package dev.longshore.proxy.health;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.longshore.contract.PoolKey;
import dev.longshore.process.admin.AdminPage;
import dev.longshore.process.admin.AdminResponse;
import dev.longshore.process.admin.BadQueryException;
import dev.longshore.process.admin.Query;
import dev.longshore.proxy.table.SnapshotHolder;
import dev.longshore.proxy.upstream.EndpointState;
import dev.longshore.proxy.upstream.LastFailure;
import dev.longshore.proxy.upstream.Pool;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * {@code /endpoints}: every pool with its endpoints and how they are, sorted, in pages of pools.
 *
 * <p>Parameters: {@code limit} (pools, 1 to 1000, default 100), {@code after} (the {@code next} of
 * the page before), {@code route} ({@code namespace/name}), {@code namespace}, {@code state} (only
 * pools that have such an endpoint).
 */
public final class EndpointsPage implements AdminPage {
  private static final int DEFAULT_LIMIT = 100;
  private static final int MAX_LIMIT = 1000;
  private static final Set<String> KNOWN = Set.of("limit", "after", "route", "namespace", "state");

  private final SnapshotHolder snapshots;
  private final JsonFactory json = new JsonFactory();

  /** Shows the pools as they are when asked. */
  public EndpointsPage(SnapshotHolder snapshots) {
    this.snapshots = snapshots;
  }

  @Override
  public AdminResponse get(Query query) throws BadQueryException {
    query.onlyKnown(KNOWN);
    int limit = (int) query.number("limit", 1, MAX_LIMIT, DEFAULT_LIMIT);
    Optional<String> after = query.text("after");
    Optional<String> route = query.text("route");
    Optional<String> namespace = query.text("namespace");
    Optional<String> state = query.text("state");
    if (route.isPresent() && route.get().indexOf('/') < 0) {
      throw new BadQueryException("route", "namespace/name");
    }
    if (state.isPresent() && State.of(state.get()).isEmpty()) {
      throw new BadQueryException("state", "ready, draining, ejected or unhealthy");
    }
    TreeMap<String, Pool> found = new TreeMap<>();
    snapshots
        .current()
        .pools()
        .forEach(
            pool -> {
              PoolKey key = pool.key();
              String name = pool.toString();
              if (isOrAny(namespace, key.namespace())
                  && isOrAny(route, key.namespace() + "/" + key.resource())
                  && (after.isEmpty() || name.compareTo(after.get()) > 0)) {
                found.put(name, pool);
              }
            });
    List<Pool> page = new ArrayList<>();
    boolean more = false;
    for (Pool pool : found.values()) {
      if (state.isEmpty()
          || pool.endpoints().stream().anyMatch(each -> isOrAny(state, State.of(each).text()))) {
        if (page.size() == limit) {
          more = true;
          break;
        }
        page.add(pool);
      }
    }
    try {
      return AdminResponse.json(write(page, more));
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
  }

  private static boolean isOrAny(Optional<String> wanted, String value) {
    return wanted.isEmpty() || wanted.get().equals(value);
  }

  private byte[] write(List<Pool> pools, boolean more) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator to = json.createGenerator(out)) {
      to.writeStartObject();
      to.writeArrayFieldStart("pools");
      for (Pool pool : pools) {
        write(to, pool);
      }
      to.writeEndArray();
      if (more) {
        to.writeStringField("next", pools.getLast().toString());
      }
      to.writeEndObject();
    }
    return out.toByteArray();
  }

  private static void write(JsonGenerator to, Pool pool) throws IOException {
    to.writeStartObject();
    to.writeStringField("pool", pool.toString());
    to.writeStringField("kind", pool.key().kind());
    to.writeStringField("route", pool.key().namespace() + "/" + pool.key().resource());
    to.writeStringField("upstream", pool.key().upstream());
    to.writeBooleanField("panic", pool.panicking());
    to.writeArrayFieldStart("endpoints");
    for (EndpointState endpoint : pool.endpoints()) {
      to.writeStartObject();
      to.writeStringField("endpoint", endpoint.toString());
      to.writeStringField("state", State.of(endpoint).text());
      to.writeNumberField("open", endpoint.open());
      LastFailure failure = endpoint.lastFailure();
      if (failure != null) {
        to.writeObjectFieldStart("lastFailure");
        to.writeStringField("what", failure.what());
        to.writeStringField("at", failure.at().toString());
        to.writeEndObject();
      }
      to.writeEndObject();
    }
    to.writeEndArray();
    to.writeEndObject();
  }

  /** How an endpoint is, in one word. */
  private enum State {
    READY,
    DRAINING,
    EJECTED,
    UNHEALTHY;

    static State of(EndpointState endpoint) {
      if (endpoint.draining()) {
        return DRAINING;
      }
      return switch (endpoint.health()) {
        case HEALTHY -> READY;
        case EJECTED -> EJECTED;
        case UNHEALTHY -> UNHEALTHY;
      };
    }

    static Optional<State> of(String text) {
      return List.of(values()).stream().filter(each -> each.text().equals(text)).findFirst();
    }

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
