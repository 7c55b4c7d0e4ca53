package dev.longshore.operator.testing;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.function.Supplier;

/** Clients without an API server. */
public final class Clients {
  private Clients() {}

  /**
   * One that can do what it is given by the names of methods, and fails at all else as where nobody
   * listens.
   */
  public static KubernetesClient of(Map<String, Supplier<?>> methods) {
    return fake(KubernetesClient.class, methods);
  }

  /** The same for any interface of the client's. */
  public static <T> T fake(Class<T> type, Map<String, Supplier<?>> methods) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, _) -> {
              Supplier<?> known = methods.get(method.getName());
              if (known != null) {
                return known.get();
              }
              if (method.getReturnType() == void.class) {
                return null;
              }
              throw new KubernetesClientException("nobody listens");
            }));
  }
}
