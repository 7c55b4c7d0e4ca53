package dev.longshore.proxy.observe;

import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.SnapshotCodec;
import dev.longshore.process.admin.AdminPage;
import dev.longshore.process.admin.AdminResponse;
import dev.longshore.process.admin.Query;
import java.util.Optional;
import java.util.function.Supplier;

/** {@code /config}: the applied snapshot as JSON, secrets redacted. */
public final class ConfigPage implements AdminPage {
  private final Supplier<Optional<RoutingSnapshot>> applied;

  /**
   * Asks for the snapshot whenever the page is.
   *
   * @param applied empty before the first
   */
  public ConfigPage(Supplier<Optional<RoutingSnapshot>> applied) {
    this.applied = applied;
  }

  @Override
  public AdminResponse get(Query query) {
    return applied
        .get()
        .map(snapshot -> AdminResponse.json(SnapshotCodec.redacted(snapshot)))
        .orElseGet(() -> AdminResponse.text(503, "no configuration is applied yet\n"));
  }
}
