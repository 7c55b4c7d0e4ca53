package dev.longshore.proxy.subscribe;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Optional;
import java.util.Set;

/**
 * The one file that outlives the process, in a folder that nobody else can look into. A volume's
 * own folder belongs to whoever mounted it, so the file stands in a folder of ours below. The file
 * is replaced in one step: a reader finds the old one or the new one, whole.
 */
final class StateDirectory {
  private static final String FOLDER = "longshore";
  private static final String FILE = "last-known-good";
  private static final String DAMAGED = FILE + ".damaged";
  private static final String UNFINISHED = FILE + ".new";
  private static final int BUFFER_BYTES = 1 << 16;
  private static final Set<String> MEMORY = Set.of("tmpfs", "ramfs");

  private static final Set<PosixFilePermission> FOLDER_MODE =
      PosixFilePermissions.fromString("rwx------");
  private static final Set<PosixFilePermission> FILE_MODE =
      PosixFilePermissions.fromString("rw-------");

  private final Path folder;
  private final UserPrincipal owner;
  private final boolean memoryBacked;

  private StateDirectory(Path folder, UserPrincipal owner, boolean memoryBacked) {
    this.folder = folder;
    this.owner = owner;
    this.memoryBacked = memoryBacked;
  }

  /**
   * Makes what is missing and checks what is there.
   *
   * @throws IOException if it can't be used, or others could read it; the message says what to do
   */
  static StateDirectory open(Path state) throws IOException {
    Path folder = state.resolve(FOLDER);
    try {
      Files.createDirectories(state, mode(FOLDER_MODE));
      if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectory(folder, mode(FOLDER_MODE));
      }
      UserPrincipal owner = ourselves(folder);
      PosixFileAttributes is = attributes(folder);
      if (!is.isDirectory()) {
        throw new IOException(folder + " is not a folder; remove it");
      }
      if (!is.owner().equals(owner)) {
        throw new IOException(
            folder + " belongs to " + is.owner() + ", not to " + owner + "; remove it");
      }
      if (!FOLDER_MODE.containsAll(is.permissions())) {
        throw new IOException(
            folder
                + " is open to others ("
                + PosixFilePermissions.toString(is.permissions())
                + "); it holds private keys: chmod 700 it, or remove it");
      }
      boolean memory = MEMORY.contains(Files.getFileStore(folder).type());
      return new StateDirectory(folder, owner, memory);
    } catch (AccessDeniedException e) {
      throw new IOException(e.getFile() + " can't be written to by this user", e);
    } catch (UnsupportedOperationException e) {
      throw new IOException(state + " is on a file system without owners and modes", e);
    }
  }

  /** Who this process is to the file system: the owner of a file that it makes. */
  private static UserPrincipal ourselves(Path folder) throws IOException {
    Path probe = Files.createTempFile(folder, "owner", "", mode(FILE_MODE));
    try {
      return attributes(probe).owner();
    } finally {
      Files.delete(probe);
    }
  }

  private static FileAttribute<Set<PosixFilePermission>> mode(Set<PosixFilePermission> mode) {
    return PosixFilePermissions.asFileAttribute(mode);
  }

  private static PosixFileAttributes attributes(Path path) throws IOException {
    return Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }

  /** Whether what is written here is gone with the machine's power: the place for secrets. */
  boolean memoryBacked() {
    return memoryBacked;
  }

  /** The file, for messages. */
  Path file() {
    return folder.resolve(FILE);
  }

  /** Writes a file. */
  @FunctionalInterface
  interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * What the file holds, to be closed; empty when there is none.
   *
   * @throws IOException if it can't be read, is longer, or is not one that we wrote
   */
  Optional<InputStream> read(long maxBytes) throws IOException {
    Path file = file();
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    PosixFileAttributes is = attributes(file);
    if (!is.isRegularFile() || !is.owner().equals(owner)) {
      throw new IOException("is not a file of " + owner + "'s");
    }
    if (!FILE_MODE.containsAll(is.permissions())) {
      throw new IOException(
          "could be read or written by others: " + PosixFilePermissions.toString(is.permissions()));
    }
    if (is.size() > maxBytes) {
      throw new IOException("is longer than " + maxBytes + " bytes");
    }
    return Optional.of(
        new BufferedInputStream(
            Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS), BUFFER_BYTES));
  }

  /** Replaces the file; after a power cut there is the old one or the new one. */
  void write(Content content) throws IOException {
    Path unfinished = folder.resolve(UNFINISHED);
    Files.deleteIfExists(unfinished);
    try (FileChannel file =
        FileChannel.open(
            unfinished,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            mode(FILE_MODE))) {
      OutputStream out = new BufferedOutputStream(Channels.newOutputStream(file), BUFFER_BYTES);
      content.writeTo(out);
      out.flush();
      file.force(true);
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(unfinished);
      throw e;
    }
    Files.move(unfinished, file(), StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel itself = FileChannel.open(folder, StandardOpenOption.READ)) {
      itself.force(true);
    }
  }

  /** Moves the file out of the way, over the one that was moved before. */
  Path setAside() throws IOException {
    Path aside = folder.resolve(DAMAGED);
    return Files.move(file(), aside, StandardCopyOption.ATOMIC_MOVE);
  }
}
