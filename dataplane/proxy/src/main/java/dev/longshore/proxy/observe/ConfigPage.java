package dev.longshore.proxy.observe;

import java.util.Optional;
import java.util.function.Supplier;

/** {@code /config}: the applied table as JSON, secrets redacted. */
public final class ConfigPage implements AdminPage {
  private final Supplier<Optional<byte[]>> redactedJson;

  /**
   * Asks for the table whenever the page is.
   *
   * @param redactedJson the applied table without its secrets; empty before the first
   */
  public ConfigPage(Supplier<Optional<byte[]>> redactedJson) {
    this.redactedJson = redactedJson;
  }

  @Override
  public AdminResponse get(Query query) {
    return redactedJson
        .get()
        .map(AdminResponse::json)
        .orElseGet(() -> AdminResponse.text(503, "no configuration is applied yet\n"));
  }
}
