package dev.longshore.proxy.subscribe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDirectoryTest {
  @TempDir private Path temp;

  private static StateDirectory.Content bytes(String text) {
    return out -> out.write(text.getBytes(UTF_8));
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void whatIsWrittenIsReadAndNobodyElses() throws IOException {
    // As an emptyDir is: open to all, so that any user of the pod can write there.
    Path volume = Files.createDirectory(temp.resolve("volume"));
    Files.setPosixFilePermissions(volume, PosixFilePermissions.fromString("rwxrwxrwx"));
    StateDirectory directory = StateDirectory.open(volume);
    assertThat(directory.read(100)).isEmpty();
    directory.write(bytes("first, and longer"));
    directory.write(bytes("second"));
    try (InputStream file = StateDirectory.open(volume).read(100).orElseThrow()) {
      assertThat(file).hasContent("second");
    }
    assertThatThrownBy(
            () ->
                directory.write(
                    out -> {
                      out.write(1);
                      throw new IOException("no space left");
                    }))
        .hasMessage("no space left");
    assertThat(Files.readString(directory.file())).isEqualTo("second");
    assertThat(mode(directory.file())).isEqualTo("rw-------");
    assertThat(mode(volume.resolve("longshore"))).isEqualTo("rwx------");
    try (var left = Files.list(volume.resolve("longshore"))) {
      assertThat(left).containsExactly(directory.file());
    }
  }

  @Test
  void aFolderThatOthersCanReadIsRefused() throws IOException {
    StateDirectory.open(temp);
    Path folder = temp.resolve("longshore");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-x---"));
    assertThatThrownBy(() -> StateDirectory.open(temp))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("rwxr-x---")
        .hasMessageContaining("chmod 700");
  }

  @Test
  void aLinkIsNotFollowed() throws IOException {
    Files.createSymbolicLink(temp.resolve("longshore"), Files.createDirectory(temp.resolve("x")));
    assertThatThrownBy(() -> StateDirectory.open(temp)).isInstanceOf(IOException.class);
  }

  @Test
  void aFileThatCouldBeAnyonesIsNotRead() throws IOException {
    StateDirectory directory = StateDirectory.open(temp);
    directory.write(bytes("table"));
    Files.setPosixFilePermissions(directory.file(), PosixFilePermissions.fromString("rw-rw-r--"));
    assertThatThrownBy(() -> directory.read(100)).hasMessageContaining("rw-rw-r--");
    directory.setAside();
    assertThat(directory.read(100)).isEmpty();

    directory.write(bytes("table"));
    assertThatThrownBy(() -> directory.read(4)).hasMessageContaining("longer");
    Files.delete(directory.file());
    Files.createSymbolicLink(directory.file(), Path.of("/etc/passwd"));
    assertThatThrownBy(() -> directory.read(100_000)).isInstanceOf(IOException.class);
  }

  @Test
  void memoryIsToldFromDisk() throws IOException {
    Path shared = Path.of("/dev/shm");
    assumeTrue(Files.isDirectory(shared) && Files.getFileStore(shared).type().equals("tmpfs"));
    Path memory = Files.createTempDirectory(shared, "longshore");
    try {
      StateDirectory directory = StateDirectory.open(memory);
      assertThat(directory.memoryBacked()).isTrue();
      Files.delete(memory.resolve("longshore"));
    } finally {
      Files.delete(memory);
    }
  }
}
