package dev.longshore.cli.runtime;

import java.lang.reflect.Proxy;
import java.util.function.IntConsumer;

/**
 * Hears SIGTERM and SIGINT. A shutdown hook would hear only the first of them, and the second is
 * how somebody says that there is no time to be polite.
 */
public final class Termination {
  private Termination() {}

  /**
   * Calls back on each signal, on a thread of its own.
   *
   * @param onSignal gets how many there were: 1 for the first
   */
  public static void onSignal(IntConsumer onSignal) {
    int[] count = {0};
    // By reflection, because sun.misc.Signal is the only way to signals and javac warns of the
    // package without a way to say that this is known. Exported by jdk.unsupported.
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object callback =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, args) -> {
                if (method.getName().equals("handle")) {
                  int now;
                  synchronized (count) {
                    now = ++count[0];
                  }
                  onSignal.accept(now);
                }
                return null;
              });
      for (String name : new String[] {"TERM", "INT"}) {
        Object instance = signal.getConstructor(String.class).newInstance(name);
        signal.getMethod("handle", signal, handler).invoke(null, instance, callback);
      }
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      // A platform without these signals, or a JVM that uses them itself (-Xrs).
      Runtime.getRuntime().addShutdownHook(new Thread(() -> onSignal.accept(1), "termination"));
    }
  }
}
