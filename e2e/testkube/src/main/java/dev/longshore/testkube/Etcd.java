package dev.longshore.testkube;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The store behind one API server. */
final class Etcd {
  private final Path binary;
  private final Path data;
  private final Path log;
  private final int port;
  private @Nullable Supervised process;

  Etcd(Path binary, Path directory) {
    this.binary = binary;
    this.data = directory.resolve("etcd");
    this.log = directory.resolve("etcd.log");
    this.port = Ports.free();
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  /** Starts it on the data that it had, and waits until it listens. */
  void start() {
    Supervised started =
        Supervised.run(
            List.of(
                binary.toString(),
                "--data-dir=" + data,
                "--listen-client-urls=" + url(),
                "--advertise-client-urls=" + url(),
                // It has no peers; an address must be given all the same.
                "--listen-peer-urls=http://127.0.0.1:0",
                "--unsafe-no-fsync"),
            log);
    process = started;
    Waiting.until("etcd listens on port " + port, started, log, () -> Ports.listens(port));
  }

  void stop() {
    if (process != null) {
      process.stop();
      process = null;
    }
  }

  /** Copies the data; only while it is stopped. */
  void save(Path to) {
    Folders.copy(data, to);
  }

  /** Puts a copy in the place of the data; only while it is stopped. */
  void load(Path from) {
    Folders.remove(data);
    Folders.copy(from, data);
  }
}
