package dev.longshore.operator.source.folder;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the file system tells of a folder: which files were touched, and when that can't be told of
 * files alone. {@link #await} and {@link #close} may be called by any thread, the rest is the
 * caller's to guard.
 */
final class FolderEvents implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FolderEvents.class);

  private final Path root;
  private final WatchService service;
  private final Map<Path, WatchKey> watched = new HashMap<>();

  /**
   * Of no directory yet.
   *
   * @throws IOException if the system has no more watches to give
   */
  FolderEvents(Path root) throws IOException {
    this.root = root;
    this.service = FileSystems.getDefault().newWatchService();
  }

  /** Watches these directories, and no others any more. */
  void register(Set<Path> directories) {
    watched.keySet().retainAll(directories);
    for (Path directory : directories) {
      WatchKey known = watched.get(directory);
      if (known != null && known.isValid()) {
        continue;
      }
      try {
        watched.put(
            directory,
            directory.register(
                service,
                StandardWatchEventKinds.ENTRY_CREATE,
                StandardWatchEventKinds.ENTRY_MODIFY,
                StandardWatchEventKinds.ENTRY_DELETE));
      } catch (IOException e) {
        log.warn(
            "{} can't be watched ({}): changes in it are seen within seconds, not at once",
            directory,
            e.getMessage());
      }
    }
  }

  /** The folder is gone: its directories are watched anew when they are back. */
  void gone() {
    watched.clear();
  }

  /**
   * Waits for an event.
   *
   * @return what {@link #collect} takes; null: there was none in time
   * @throws java.nio.file.ClosedWatchServiceException when closed
   */
  @Nullable WatchKey await(long nanos) throws InterruptedException {
    return service.poll(nanos, TimeUnit.NANOSECONDS);
  }

  /**
   * Takes in all events that are there.
   *
   * @param touched hears of each manifest file with an event, by its path relative to the root
   * @return whether the folder must be walked
   */
  boolean collect(WatchKey first, Consumer<String> touched) {
    boolean walk = false;
    for (WatchKey key = first; key != null; key = service.poll()) {
      Path directory = (Path) key.watchable();
      for (WatchEvent<?> event : key.pollEvents()) {
        if (event.kind() == StandardWatchEventKinds.OVERFLOW
            || !(event.context() instanceof Path name)) {
          walk = true;
        } else if (FolderFiles.isManifest(name.toString())) {
          touched.accept(root.relativize(directory.resolve(name)).toString());
        } else {
          walk |= name.toString().equals("..data") || isDirectoryEvent(event, directory, name);
        }
      }
      if (!key.reset()) {
        watched.remove(directory);
        walk = true;
      }
    }
    return walk;
  }

  private static boolean isDirectoryEvent(WatchEvent<?> event, Path directory, Path name) {
    return !FolderFiles.isHidden(name.toString())
        && (event.kind() == StandardWatchEventKinds.ENTRY_DELETE
            || directory.resolve(name).toFile().isDirectory());
  }

  @Override
  public void close() {
    try {
      service.close();
    } catch (IOException e) {
      log.debug("closing the watch of {}", root, e);
    }
  }
}
