package dev.longshore.proxy.testing;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * How long tests wait for what must come. Only a hang takes as long; with a few seconds a machine
 * that has much else to do would look like one.
 */
public final class Patience implements BeforeAllCallback {
  /** Of a single wait. */
  public static final Duration MOST = Duration.ofSeconds(60);

  @Override
  public void beforeAll(ExtensionContext context) {
    Awaitility.setDefaultTimeout(MOST);
  }
}
