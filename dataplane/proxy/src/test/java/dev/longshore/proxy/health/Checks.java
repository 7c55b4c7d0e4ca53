package dev.longshore.proxy.health;

import dev.longshore.contract.UpstreamPool.Active;
import dev.longshore.contract.UpstreamPool.HealthCheck;
import dev.longshore.contract.UpstreamPool.Passive;
import dev.longshore.contract.UpstreamPool.Probe;
import dev.longshore.proxy.testing.HttpHead;
import dev.longshore.proxy.testing.RawClient;
import dev.longshore.proxy.testing.TestProxy;
import dev.longshore.proxy.testing.Wire;
import java.net.InetSocketAddress;
import java.time.Duration;

/** Health checks for tests, and looks at what they find. */
final class Checks {
  private Checks() {}

  static HealthCheck passive(int failures, Duration ejectFor) {
    return new HealthCheck(new Passive(failures, ejectFor, 50), null, 0);
  }

  /** One probe a second, each of which counts. */
  static HealthCheck active(Probe type) {
    return active(type, Duration.ofSeconds(1), 1);
  }

  static HealthCheck active(Probe type, Duration interval, int threshold) {
    return new HealthCheck(
        null, new Active(type, "/healthz?x=1", interval, interval, threshold, threshold, null), 0);
  }

  /** The state that the admin port shows of an endpoint. */
  static String state(TestProxy proxy, InetSocketAddress endpoint) {
    String page = proxy.page("/endpoints");
    String start = "{\"endpoint\":\"127.0.0.1:" + endpoint.getPort() + "\",\"state\":\"";
    int at = page.indexOf(start);
    if (at < 0) {
      throw new AssertionError("no endpoint " + endpoint + " in " + page);
    }
    int from = at + start.length();
    return page.substring(from, page.indexOf('"', from));
  }

  /** The status that a request gets, with a connection of its own, which ends. */
  static int status(TestProxy proxy, String request) {
    try (RawClient client = proxy.connect(Wire.PLAIN)) {
      HttpHead head = client.send(request).readHead();
      if (head.status() != 101) {
        client.readBody(head);
      }
      return head.status();
    }
  }
}
