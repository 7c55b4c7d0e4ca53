package dev.longshore.proxy.subscribe;

import dev.longshore.contract.push.Hello;
import dev.longshore.contract.push.PushProtocol;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a data plane gets its configuration from.
 *
 * @param host name of the operator's headless Service; every address it has is one replica, and
 *     their certificates have to be for this name
 * @param port of every replica, 1 to 65535
 * @param ca bundle of the authorities that the replicas' certificates come from, PEM
 * @param token file of the service-account token
 * @param state folder in which the applied table outlives the process; null: nothing does
 * @param node this data plane's name, unique among its group
 * @param group the data planes that are configured alike
 * @param build version of this data plane, for people
 */
public record SubscriptionOptions(
    String host,
    int port,
    Path ca,
    Path token,
    @Nullable Path state,
    String node,
    String group,
    String build) {

  /**
   * Checks the forms.
   *
   * @throws IllegalArgumentException if the port is none, or {@code node}, {@code group} or {@code
   *     build} can't be said to an operator; the message says what would be right
   */
  public SubscriptionOptions {
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("port " + port + ": must be 1 to 65535");
    }
    var _ =
        new Hello(PushProtocol.VERSION, node, group, build, List.of(), Hello.Role.STANDBY, null);
  }
}
