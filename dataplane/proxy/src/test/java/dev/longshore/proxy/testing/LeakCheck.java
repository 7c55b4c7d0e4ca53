package dev.longshore.proxy.testing;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails the run in which anything that Netty counts references of (a buffer, a context or a
 * connection of BoringSSL) was dropped without being released, and names where it was made and
 * touched.
 *
 * <p>Registered for every class of the module (META-INF/services). One check for the whole run:
 * classes run beside each other, and a leak is noticed whenever the collector comes by, so there is
 * no telling whose it is but by the places it names. Nothing that was noted is ever cleared; each
 * leak also stands in the log at the time it was noticed.
 */
public final class LeakCheck implements BeforeAllCallback {
  private static final Leaks LEAKS = Leaks.watch();
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(LeakCheck.class);

  @Override
  public void beforeAll(ExtensionContext context) {
    AutoCloseable unused =
        context
            .getRoot()
            .getStore(NAMESPACE)
            .computeIfAbsent(LeakCheck.class, key -> LeakCheck::check, AutoCloseable.class);
  }

  /** Closed with the root of all classes, behind the last of them. */
  private static void check() {
    var leaks = LEAKS.collect();
    if (!leaks.isEmpty()) {
      throw new AssertionError(leaks.size() + " never released:\n" + String.join("\n", leaks));
    }
  }
}
