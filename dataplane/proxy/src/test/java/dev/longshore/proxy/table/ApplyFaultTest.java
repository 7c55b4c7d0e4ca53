package dev.longshore.proxy.table;

import static dev.longshore.contract.PathType.PREFIX;
import static dev.longshore.proxy.Snapshots.key;
import static dev.longshore.proxy.Snapshots.pool;
import static dev.longshore.proxy.Snapshots.snapshot;
import static dev.longshore.proxy.Snapshots.source;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.contract.Certificate;
import dev.longshore.contract.Certificate.CertificateKey;
import dev.longshore.contract.EntryRef;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.Secret;
import dev.longshore.contract.SnapshotError;
import dev.longshore.proxy.Snapshots;
import dev.longshore.proxy.table.ApplyResult.Applied;
import dev.longshore.proxy.table.ApplyResult.Rejected;
import dev.longshore.proxy.testing.TestCertificates;
import dev.longshore.proxy.upstream.CompilationException;
import dev.longshore.proxy.upstream.HealthListener;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.concurrent.Ticker;
import java.time.Clock;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * hostile.md 6: what fails while a table is made leaves the old one, and nothing outside the heap.
 */
class ApplyFaultTest {
  private static final X509Bundle BUNDLE = TestCertificates.issue("chat.example.com");

  private @Nullable Throwable planted;
  private final SnapshotHolder holder =
      new SnapshotHolder(
          Clock.systemUTC(),
          HealthListener.NONE,
          IntUnaryOperator.identity(),
          Ticker.systemTicker(),
          (before, next, pools) -> {
            Throwable failure = planted;
            if (failure != null) {
              throw ApplyFaultTest.<RuntimeException>sneaky(failure);
            }
            return before.table().next(before.snapshot(), next, pools);
          });

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> T sneaky(Throwable failure) throws T {
    throw (T) failure;
  }

  @AfterEach
  void close() {
    holder.close();
  }

  private static RoutingSnapshot table(String certificate) {
    Snapshots table =
        snapshot()
            .with(pool("p"), "10.0.0.1:80")
            .forward(key("h", PREFIX, "/"), source("chat", 0, 0), "p");
    table
        .builder()
        .put(
            new Certificate(
                new CertificateKey("demo", certificate),
                List.of("h"),
                BUNDLE.getCertificatePathPEM(),
                new Secret(BUNDLE.getPrivateKeyPEM())));
    return table.build();
  }

  @Test
  void anEntryThatFailsIsRefusedByName() {
    holder.apply(table("a"));
    RoutingState before = holder.current();
    EntryRef entry = new EntryRef.Rule(key("h", PREFIX, "/"));
    planted = new CompilationException(entry, new StackOverflowError());
    assertThat(holder.apply(table("b")))
        .isInstanceOfSatisfying(
            Rejected.class,
            rejected ->
                assertThat(rejected.errors())
                    .extracting(SnapshotError::entry)
                    .containsExactly(entry));
    assertThat(holder.current()).isSameAs(before);
    planted = null;
    assertThat(holder.apply(table("b"))).isInstanceOf(Applied.class);
  }

  @Test
  void whatFailsAtNoOneEntryIsThrownAndTheOldTableStays() {
    holder.apply(table("a"));
    RoutingState before = holder.current();
    for (Throwable failure :
        List.of(
            new StackOverflowError(),
            new OutOfMemoryError("planted"),
            new IllegalStateException("planted"))) {
      planted = failure;
      assertThatThrownBy(() -> holder.apply(table("b"))).isSameAs(failure);
      assertThat(holder.current()).isSameAs(before);
    }
    planted = null;
    assertThat(holder.apply(table("c"))).isInstanceOf(Applied.class);
  }
}
