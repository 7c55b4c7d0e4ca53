package dev.longshore.testkube;

import java.nio.file.Path;

/** What a {@link KubeApiServer} held at one moment; lives as long as that server. */
public final class EtcdSnapshot {
  private final Path data;

  EtcdSnapshot(Path data) {
    this.data = data;
  }

  Path data() {
    return data;
  }
}
