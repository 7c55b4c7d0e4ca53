package dev.longshore.operator.source.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longshore.operator.source.Holdings;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import io.fabric8.kubernetes.api.model.ConfigMap;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real folder, changed in the ways that editors, tools and volumes change folders. */
final class FolderSourceTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path scratch;
  private Path folder;
  private FolderSource source;
  private final List<FolderReading> readings = new CopyOnWriteArrayList<>();

  @BeforeEach
  void open() throws IOException {
    folder = Files.createDirectory(scratch.resolve("manifests"));
    source = new FolderSource(folder);
  }

  @AfterEach
  void close() {
    source.close();
  }

  private static String map(String name, String value) {
    return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "
        + name
        + "}\ndata: {k: "
        + value
        + "}\n";
  }

  private void follow() throws IOException {
    readings.add(source.follow(readings::add));
  }

  private String value(String name) {
    ConfigMap map =
        readings
            .getLast()
            .view()
            .configMaps()
            .get(new ResourceRef(Kind.CONFIG_MAP, "default", name));
    return map == null ? "none" : map.getData().getOrDefault("k", "none");
  }

  private void awaitValue(String name, String value) {
    await().atMost(PATIENCE).until(() -> value(name).equals(value));
  }

  /** What the translator would miss in a cluster it must not find in a folder. */
  @Test
  void handsOnWhatAnybodyReadsAndNothingElse() throws IOException {
    Files.writeString(
        folder.resolve("a.yaml"),
        """
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: a, labels: {x: y}, annotations: {longshore.dev/allow: "1", foo/x: "1"}}
        spec: {defaultBackend: {service: {name: a, port: {number: 80}}}}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: a, labels: {x: y}}
        spec: {selector: {x: y}, ports: [{port: 80, nodePort: 30080}]}
        """);
    try (FolderSource trimming = new FolderSource(folder, key -> key.startsWith("longshore"))) {
      FolderReading reading = trimming.read();
      assertThat(reading.problems()).isEmpty();
      View view = reading.view();
      var ingress =
          Objects.requireNonNull(
              view.ingresses().get(new ResourceRef(Kind.INGRESS, "default", "a")));
      var service =
          Objects.requireNonNull(
              view.services().get(new ResourceRef(Kind.SERVICE, "default", "a")));
      assertThat(ingress.getMetadata().getAnnotations()).containsOnlyKeys("longshore.dev/allow");
      assertThat(ingress.getMetadata().getLabels()).isNullOrEmpty();
      assertThat(ingress.getSpec().getDefaultBackend()).isNotNull();
      assertThat(service.getSpec().getSelector()).isNullOrEmpty();
      assertThat(service.getSpec().getPorts().getFirst().getNodePort()).isNull();
      assertThat(
              source
                  .read()
                  .view()
                  .trimmed(key -> key.startsWith("longshore"))
                  .get(new ResourceRef(Kind.SERVICE, "default", "a")))
          .isEqualTo(service);
    }
  }

  /** One to which more can be added. */
  private static String open(String name) {
    return map(name, "one").replace("{k: one}", "\n  k: one");
  }

  /** Issue 9: a folder full of files was read in one piece, and a small edit waited for it. */
  @Test
  void aSmallEditIsTakenBeforeManyFilesThatCameAtOnce() throws IOException {
    Files.writeString(folder.resolve("moved.yaml"), map("moved", "one"));
    Path aside = Files.createDirectory(scratch.resolve("aside"));
    int many = 60;
    for (int i = 0; i < many; i++) {
      StringBuilder text = new StringBuilder(open("m" + i));
      for (int j = 0; j < 100; j++) {
        text.append("  k").append(j).append(": ").append("x".repeat(1000)).append('\n');
      }
      Files.writeString(aside.resolve("m" + i + ".yaml"), text);
    }
    follow();
    Files.move(aside, folder.resolve("many"));
    Path edited = scratch.resolve("edited");
    Files.writeString(edited, map("moved", "two"));
    Files.move(edited, folder.resolve("moved.yaml"), StandardCopyOption.REPLACE_EXISTING);

    await().atMost(PATIENCE).until(() -> readings.getLast().view().configMaps().size() == many + 1);
    awaitValue("moved", "two");
    ResourceRef moved = new ResourceRef(Kind.CONFIG_MAP, "default", "moved");
    assertThat(readings)
        .filteredOn(
            reading -> {
              ConfigMap map = reading.view().configMaps().get(moved);
              return map != null && map.getData().containsValue("two");
            })
        .first()
        .satisfies(reading -> assertThat(reading.view().configMaps().size()).isLessThan(many / 2));
  }

  /** A report that says much of one large document reads it once. */
  @Test
  void aReportReadsADocumentOnce() throws IOException {
    StringBuilder text = new StringBuilder(open("m"));
    for (int i = 0; i < 100; i++) {
      text.append("  k").append(i).append(": x\n");
    }
    Files.writeString(folder.resolve("m.yaml"), text + "---\n" + map("n", "one"));
    source.read();
    Whereabouts places = source.whereabouts();

    ResourceRef m = new ResourceRef(Kind.CONFIG_MAP, "default", "m");
    assertThat(places.locate(m, "")).isEqualTo("m.yaml:1:1");
    assertThat(places.documentsRead()).isZero();
    for (int i = 0; i < 100; i++) {
      assertThat(places.locate(m, "data.k" + i)).isEqualTo("m.yaml:" + (i + 6) + ":3");
    }
    assertThat(places.documentsRead()).isEqualTo(1);
    ResourceRef n = new ResourceRef(Kind.CONFIG_MAP, "default", "n");
    assertThat(places.locate(n, "data")).startsWith("m.yaml:");
    assertThat(places.documentsRead()).isEqualTo(2);
    assertThat(places.locate(new ResourceRef(Kind.CONFIG_MAP, "default", "o"), "")).isEmpty();
  }

  @Test
  void saysWhenThereIsNoFolder() {
    assertThatThrownBy(() -> new FolderSource(folder.resolve("no")).read())
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void readsOneFileToo() throws IOException {
    Path file = Files.writeString(folder.resolve("a.yaml"), map("a", "one"));
    try (FolderSource one = new FolderSource(file)) {
      assertThat(one.read().view().configMaps().size()).isEqualTo(1);
    }
  }

  @Test
  void followsFilesThatAreWrittenRenamedAndRemoved() throws IOException {
    Files.writeString(folder.resolve("a.yaml"), map("a", "one"));
    follow();
    assertThat(value("a")).isEqualTo("one");

    Files.writeString(folder.resolve("a.yaml"), map("a", "two"));
    awaitValue("a", "two");

    Path temporary = Files.writeString(folder.resolve(".a.yaml.swp"), map("a", "three"));
    Files.move(
        temporary,
        folder.resolve("a.yaml"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    awaitValue("a", "three");

    Files.delete(folder.resolve("a.yaml"));
    awaitValue("a", "none");
  }

  @Test
  void followsFoldersThatAppear() throws IOException {
    follow();
    Path nested = Files.createDirectories(folder.resolve("x/y/z"));
    Files.writeString(nested.resolve("b.yml"), map("b", "one"));
    awaitValue("b", "one");

    Files.writeString(nested.resolve("b.yml"), map("b", "two"));
    awaitValue("b", "two");
  }

  @Test
  void followsTheLinksOfAConfigMapVolume() throws IOException {
    Path first = Files.createDirectory(folder.resolve("..2026_1"));
    Files.writeString(first.resolve("a.yaml"), map("a", "one"));
    Files.createSymbolicLink(folder.resolve("..data"), Path.of("..2026_1"));
    Files.createSymbolicLink(folder.resolve("a.yaml"), Path.of("..data/a.yaml"));
    follow();
    assertThat(value("a")).isEqualTo("one");

    Path second = Files.createDirectory(folder.resolve("..2026_2"));
    Files.writeString(second.resolve("a.yaml"), map("a", "two"));
    Files.createSymbolicLink(folder.resolve("..data_tmp"), Path.of("..2026_2"));
    Files.move(
        folder.resolve("..data_tmp"),
        folder.resolve("..data"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    awaitValue("a", "two");
    assertThat(readings).noneMatch(FolderReading::hasErrors);
  }

  @Test
  void findsByWalkingWhatHasNoEvents() throws IOException {
    Path elsewhere = Files.writeString(scratch.resolve("real.yaml"), map("a", "one"));
    Files.createSymbolicLink(folder.resolve("a.yaml"), elsewhere);
    follow();
    assertThat(value("a")).isEqualTo("one");

    Files.writeString(elsewhere, map("a", "twenty-two"));
    awaitValue("a", "twenty-two");
  }

  @Test
  void neverTakesAHalfWrittenFile() throws Exception {
    Path file = folder.resolve("a.yaml");
    byte[] bytes = (map("a", "one") + "---\n" + map("b", "one")).getBytes(StandardCharsets.UTF_8);
    Files.write(file, bytes);
    follow();

    for (int round = 0; round < 5; round++) {
      try (OutputStream out = Files.newOutputStream(file)) {
        for (byte b : bytes) {
          out.write(b);
          // As slow as a disk under load: the pauses are longer than a quiet file must be quiet.
          if (b == '\n') {
            pause(PendingFile.QUIET.multipliedBy(2));
          }
        }
      }
    }
    Files.writeString(folder.resolve("end.yaml"), map("end", "now"));
    awaitValue("end", "now");

    assertThat(readings).noneMatch(FolderReading::hasErrors);
    assertThat(readings).allMatch(reading -> reading.view().configMaps().size() >= 2);
  }

  @Test
  void anOldMistakeInTheFileHoldsNothingUp() {
    FileContent none = FileContent.none("a.yaml");
    FileContent first = none.with(map("a", "one") + "---\nkind: {\n", Instant.EPOCH);
    FileContent second = first.with(map("a", "two") + "---\nkind: {\n", Instant.EPOCH);
    FileContent third = second.with(map("a", "two") + "---\nkind: [\n", Instant.EPOCH);

    assertThat(first.looksHalfWritten(none)).isTrue();
    assertThat(second.looksHalfWritten(first)).isFalse();
    assertThat(third.looksHalfWritten(second)).isTrue();
  }

  @Test
  void aFileThatEndsWithinALineMayBeCutOff() {
    FileContent whole = FileContent.none("a.yaml").with(map("a", "one"), Instant.EPOCH);
    FileContent cut = whole.with(map("a", "two").stripTrailing(), Instant.EPOCH);
    FileContent again = cut.with(map("a", "three").stripTrailing(), Instant.EPOCH);

    assertThat(cut.looksHalfWritten(whole)).isTrue();
    assertThat(again.looksHalfWritten(cut)).as("its author writes it so").isFalse();
    assertThat(whole.looksHalfWritten(cut)).isFalse();
  }

  @Test
  void aFileThatIsNeverQuietLosesNothing() throws Exception {
    Path file = folder.resolve("a.yaml");
    Files.writeString(file, map("a", "one"));
    follow();

    // Longer than a restless file is waited for: mistakes in place, so that the file is empty again
    // and again, and no time to settle between them.
    long end = System.nanoTime() + PendingFile.RESTLESS.plusSeconds(1).toNanos();
    while (System.nanoTime() < end) {
      try (OutputStream out = Files.newOutputStream(file)) {
        for (int line = 0; line < 20; line++) {
          pause(PendingFile.QUIET.dividedBy(2));
          out.write("# nothing yet\n".getBytes(StandardCharsets.UTF_8));
        }
        out.write(map("a", "[").getBytes(StandardCharsets.UTF_8));
      }
      pause(PendingFile.QUIET.multipliedBy(2));
    }
    Files.writeString(file, map("a", "two"));
    awaitValue("a", "two");

    assertThat(readings).allMatch(reading -> reading.view().configMaps().size() == 1);
  }

  @Test
  void whatMendsAMistakeIsTakenAtOnce() throws Exception {
    Path file = folder.resolve("a.yaml");
    Files.writeString(file, map("a", "one"));
    follow();

    // Mistakes follow each other faster than they settle, and each is mended in between.
    for (int i = 0; i < 10; i++) {
      Files.writeString(file, map("a", "[" + i));
      pause(PendingFile.SETTLE.dividedBy(10));
      Files.writeString(file, map("a", "mended-" + i));
      awaitValue("a", "mended-" + i);
    }
  }

  private static void pause(Duration time) {
    LockSupport.parkNanos(time.toNanos());
  }

  @Test
  void keepsWhatItHeldWhileTheFolderIsGone() throws IOException {
    Files.writeString(folder.resolve("a.yaml"), map("a", "one"));
    follow();

    Files.move(folder, scratch.resolve("aside"));
    await().atMost(PATIENCE).until(() -> readings.getLast().hasErrors());
    assertThat(value("a")).isEqualTo("one");

    Files.createDirectory(folder);
    Files.writeString(folder.resolve("a.yaml"), map("a", "two"));
    awaitValue("a", "two");
    await().atMost(PATIENCE).until(() -> !readings.getLast().hasErrors());
  }

  /** What isn't held isn't kept as text either, so its file is read once more. */
  @Test
  void whatThereWasNoRoomForIsReadAgainWhenThereIs() throws IOException {
    Files.writeString(folder.resolve("a.yaml"), map("a", "x".repeat(6000)));
    Files.writeString(
        folder.resolve("b.yaml"), map("small", "one") + "---\n" + map("b", "y".repeat(6000)));
    source = new FolderSource(folder, Clock.systemUTC(), new Holdings(12_000, 20_000));
    follow();
    ResourceRef b = new ResourceRef(Kind.CONFIG_MAP, "default", "b");
    assertThat(readings.getLast().view().unheld().get(b)).contains("takes some");
    assertThat(value("a")).startsWith("x");
    assertThat(value("small")).isEqualTo("one");
    assertThat(value("b")).isEqualTo("none");
    assertThat(source.whereabouts().locate(b, "data.k")).isEqualTo("b.yaml");

    Files.writeString(folder.resolve("a.yaml"), map("a", "short"));
    awaitValue("b", "y".repeat(6000));
    assertThat(readings.getLast().view().unheld().size()).isZero();
    assertThat(source.whereabouts().locate(b, "data.k")).startsWith("b.yaml:9");
  }

  @Test
  void aWrongEditIsToldAndARightOneEndsIt() throws IOException {
    Files.writeString(folder.resolve("a.yaml"), map("a", "one"));
    follow();

    Files.writeString(folder.resolve("a.yaml"), map("a", "[1"));
    await().atMost(PATIENCE).until(() -> readings.getLast().hasErrors());
    assertThat(value("a")).isEqualTo("one");

    Files.writeString(folder.resolve("a.yaml"), map("a", "two"));
    awaitValue("a", "two");
    assertThat(readings.getLast().hasErrors()).isFalse();
  }
}
