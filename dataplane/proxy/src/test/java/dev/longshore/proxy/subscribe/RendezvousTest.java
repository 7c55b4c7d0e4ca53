package dev.longshore.proxy.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RendezvousTest {
  private static final List<InetSocketAddress> REPLICAS =
      IntStream.range(1, 4)
          .mapToObj(i -> new InetSocketAddress(InetAddress.ofLiteral("10.0.0." + i), 9443))
          .toList();

  private static InetSocketAddress choice(String node, List<InetSocketAddress> among) {
    return among.stream().min(new Rendezvous(node).preference()).orElseThrow();
  }

  @Test
  void dataPlanesSpreadOverTheReplicas() {
    Map<InetSocketAddress, Long> chosen =
        IntStream.range(0, 300)
            .mapToObj(i -> choice("dataplane-" + i, REPLICAS))
            .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    assertThat(chosen).hasSize(3);
    assertThat(chosen.values()).allMatch(count -> count > 60);
  }

  @Test
  void losingAReplicaMovesOnlyThoseThatWereOnIt() {
    InetSocketAddress lost = REPLICAS.getFirst();
    List<InetSocketAddress> left = new ArrayList<>(REPLICAS);
    left.remove(lost);
    for (int i = 0; i < 100; i++) {
      InetSocketAddress before = choice("dataplane-" + i, REPLICAS);
      if (!before.equals(lost)) {
        assertThat(choice("dataplane-" + i, left)).isEqualTo(before);
      }
    }
  }
}
