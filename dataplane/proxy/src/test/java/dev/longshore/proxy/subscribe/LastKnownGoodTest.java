package dev.longshore.proxy.subscribe;

import static dev.longshore.contract.PathType.PREFIX;
import static dev.longshore.proxy.Snapshots.key;
import static dev.longshore.proxy.Snapshots.snapshot;
import static dev.longshore.proxy.Snapshots.source;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.longshore.contract.Certificate;
import dev.longshore.contract.Certificate.CertificateKey;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.Secret;
import dev.longshore.contract.push.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LastKnownGoodTest {
  private static final Origin ORIGIN = Origin.of(3, Map.of("Ingress", "17"));
  private static final Instant NOON = Instant.parse("2026-11-01T12:00:00Z");

  @TempDir private Path temp;

  private static KeptTable table(String host) {
    RoutingSnapshot snapshot =
        snapshot().rule(key(host, PREFIX, "/"), source("chat", 0, 0)).build();
    return new KeptTable(snapshot, ORIGIN, NOON, 3);
  }

  private static KeptTable secret() {
    var builder = snapshot().rule(key("h", PREFIX, "/"), source("chat", 0, 0)).builder();
    builder.put(
        new Certificate(
            new CertificateKey("demo", "tls"), List.of("h"), "chain", new Secret("the-key")));
    return new KeptTable(builder.build(), ORIGIN, NOON, 1);
  }

  private static void keep(StateDirectory directory, KeptTable... tables) {
    try (LastKnownGood kept = new LastKnownGood(directory)) {
      for (KeptTable table : tables) {
        kept.keep(table);
      }
    }
  }

  private static KeptTable read(StateDirectory directory) {
    try (LastKnownGood kept = new LastKnownGood(directory)) {
      return kept.read().orElseThrow();
    }
  }

  @Test
  void theLatestIsWhatIsFound() throws IOException {
    StateDirectory directory = StateDirectory.open(temp);
    keep(directory, table("a"), table("b"), table("c"));
    assertThat(read(directory)).isEqualTo(table("c"));
  }

  @Test
  void whatIsNoTableIsSetAside() throws IOException {
    StateDirectory directory = StateDirectory.open(temp);
    keep(directory, table("a"));
    byte[] good = Files.readAllBytes(directory.file());
    List<byte[]> bad =
        List.of(
            new byte[0],
            "hello".getBytes(UTF_8),
            new String(good, UTF_8).replace("good 1", "good 2").getBytes(UTF_8),
            new String(good, UTF_8).replace("2026-11-01T12", "2026-11-01-12").getBytes(UTF_8),
            new String(good, UTF_8).replace("00Z 3\n", "00Z 0\n").getBytes(UTF_8),
            new String(good, UTF_8).replace("00Z 3\n", "00Z three\n").getBytes(UTF_8),
            new String(good, UTF_8).replace("\"a\"", "\"b\"").getBytes(UTF_8),
            Arrays.copyOf(good, good.length - 1),
            (new String(good, UTF_8) + "{}").getBytes(UTF_8));
    for (byte[] file : bad) {
      directory.write(out -> out.write(file));
      try (LastKnownGood kept = new LastKnownGood(directory)) {
        assertThat(kept.read()).as(new String(file, UTF_8)).isEmpty();
        assertThat(directory.file()).doesNotExist();
      }
    }
    directory.write(out -> out.write(good));
    assertThat(read(directory)).isEqualTo(table("a"));
  }

  @Test
  void aFileOfAVersionThatKnewOfNoOtherDataPlanesIsRead() throws IOException {
    StateDirectory directory = StateDirectory.open(temp);
    keep(directory, table("a"));
    String file = Files.readString(directory.file());
    assertThat(file).startsWith("longshore-last-known-good 1 " + NOON + " 3\n");
    directory.write(out -> out.write(file.replace("00Z 3\n", "00Z\n").getBytes(UTF_8)));
    KeptTable before = read(directory);
    assertThat(before).isEqualTo(new KeptTable(table("a").snapshot(), ORIGIN, NOON, 1));
    // And one that is alone writes what such a version reads.
    keep(directory, before);
    assertThat(Files.readString(directory.file()))
        .startsWith("longshore-last-known-good 1 " + NOON + "\n");
  }

  @Test
  void privateKeysDoNotReachADisk() throws IOException {
    StateDirectory directory = StateDirectory.open(temp);
    assumeFalse(directory.memoryBacked());
    keep(directory, secret());
    assertThat(Files.readString(directory.file())).doesNotContain("the-key");
    KeptTable kept = read(directory);
    assertThat(kept.snapshot().certificates().size()).isZero();
    assertThat(kept.snapshot().rules()).isEqualTo(secret().snapshot().rules());
  }

  @Test
  void inMemoryTheyAreKept() throws IOException {
    Path shared = Path.of("/dev/shm");
    assumeTrue(Files.isDirectory(shared) && Files.getFileStore(shared).type().equals("tmpfs"));
    Path memory = Files.createTempDirectory(shared, "longshore");
    try {
      StateDirectory directory = StateDirectory.open(memory);
      keep(directory, secret());
      assertThat(read(directory)).isEqualTo(secret());
    } finally {
      try (Stream<Path> paths = Files.walk(memory)) {
        for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
