package dev.longshore.operator.source.folder;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The manifest files below a folder, and their text, within bounds. */
final class FolderFiles {
  /** The largest file that is read. */
  static final long MAX_FILE_BYTES = 64L << 20;

  /** How many files are read. */
  static final int MAX_FILES = 200_000;

  private static final int MAX_DEPTH = 32;
  private static final String MARK = "\uFEFF";

  private final Path root;
  private final boolean single;

  /** The files below a folder, or the one file that {@code root} is. */
  FolderFiles(Path root) {
    this.root = root;
    this.single = Files.isRegularFile(root);
  }

  /** Tells, without reading it, whether a file is still the one that was read. */
  record Stamp(FileTime modified, long size, @Nullable Object key) {
    static Stamp of(BasicFileAttributes attributes) {
      return new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
    }
  }

  /**
   * What a walk found.
   *
   * @param files manifest files by path relative to the root
   * @param directories all directories, the root included
   */
  record Found(TreeMap<String, Stamp> files, Set<Path> directories) {}

  /** A file that can't be had, and why, for its author. */
  static final class UnreadableException extends Exception {
    private static final long serialVersionUID = 1;

    UnreadableException(String message) {
      super(message);
    }
  }

  /**
   * Whether a file's name is that of a manifest. Hidden names aren't: editors and ConfigMap volumes
   * keep what is not yet, or no longer, valid under them.
   */
  static boolean isManifest(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return !isHidden(name)
        && (lower.endsWith(".yaml") || lower.endsWith(".yml") || lower.endsWith(".json"));
  }

  static boolean isHidden(String name) {
    return name.startsWith(".");
  }

  /**
   * Walks the folder, through symbolic links.
   *
   * @throws IOException if the root itself can't be read
   */
  Found walk() throws IOException {
    TreeMap<String, Stamp> files = new TreeMap<>();
    Set<Path> directories = new HashSet<>();
    if (single) {
      files.put(
          root.getFileName().toString(),
          Stamp.of(Files.readAttributes(root, BasicFileAttributes.class)));
      return new Found(files, directories);
    }
    Files.walkFileTree(
        root,
        EnumSet.of(FileVisitOption.FOLLOW_LINKS),
        MAX_DEPTH,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            if (!directory.equals(root) && isHidden(directory.getFileName().toString())) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            directories.add(directory);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (attributes.isRegularFile()
                && isManifest(file.getFileName().toString())
                && files.size() < MAX_FILES) {
              files.put(root.relativize(file).toString(), Stamp.of(attributes));
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (file.equals(root)) {
              throw e;
            }
            boolean expected =
                e instanceof FileSystemLoopException || e instanceof NoSuchFileException;
            if (!expected && isManifest(file.getFileName().toString())) {
              // Listed, so that reading it says why it can't be read.
              files.put(
                  root.relativize(file).toString(), new Stamp(FileTime.fromMillis(0), 0, null));
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return new Found(files, directories);
  }

  Path path(String file) {
    return single ? root : root.resolve(file);
  }

  /**
   * The stamp of a file.
   *
   * @return null when it is not there, or not a plain file
   */
  @Nullable Stamp stamp(String file) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(path(file), BasicFileAttributes.class);
      return attributes.isRegularFile() ? Stamp.of(attributes) : null;
    } catch (IOException e) {
      return null;
    }
  }

  /**
   * The text of a file.
   *
   * @return null when it is not there
   * @throws UnreadableException if it is too large, not UTF-8, or may not be read
   */
  @Nullable String text(String file) throws UnreadableException {
    Path path = path(file);
    try {
      long size = Files.size(path);
      if (size > MAX_FILE_BYTES) {
        throw new UnreadableException(
            "the file has " + size + " bytes; at most " + MAX_FILE_BYTES + " are read");
      }
      return decode(Files.readAllBytes(path));
    } catch (NoSuchFileException e) {
      return null;
    } catch (CharacterCodingException e) {
      throw new UnreadableException(
          "the file is not UTF-8 text (nor UTF-16 with a byte order mark)");
    } catch (AccessDeniedException e) {
      throw new UnreadableException("the file may not be read: permission denied");
    } catch (IOException e) {
      throw new UnreadableException("the file can't be read: " + e.getMessage());
    }
  }

  /** UTF-8, or what a byte order mark says (YAML 1.2 §5.2): some editors and shells write one. */
  private static String decode(byte[] bytes) throws CharacterCodingException {
    int first = bytes.length < 2 ? 0 : (bytes[0] & 0xFF) << 8 | (bytes[1] & 0xFF);
    Charset charset =
        first == 0xFEFF || first == 0xFFFE ? StandardCharsets.UTF_16 : StandardCharsets.UTF_8;
    String text =
        charset
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .decode(ByteBuffer.wrap(bytes))
            .toString();
    // One before each document, where files were joined (YAML 1.2 §9.1.1).
    return (text.startsWith(MARK) ? text.substring(1) : text).replace("\n" + MARK, "\n");
  }
}
