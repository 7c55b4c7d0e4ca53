package dev.longshore.proxy.subscribe;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;

/**
 * Which operator replica a data plane prefers: highest random weight, so that the data planes
 * spread over the replicas without knowing of each other, and one replica's loss moves only those
 * that were on it.
 */
final class Rendezvous {
  private final String node;

  /** The preferences of one data plane. */
  Rendezvous(String node) {
    this.node = node;
  }

  /** The least is the most preferred. */
  Comparator<InetSocketAddress> preference() {
    return Comparator.comparingLong(this::weight)
        .reversed()
        .thenComparing(address -> address.getAddress().getHostAddress())
        .thenComparing(InetSocketAddress::getPort);
  }

  private long weight(InetSocketAddress address) {
    String text = node + "\n" + address.getAddress().getHostAddress() + "\n" + address.getPort();
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return ByteBuffer.wrap(hash).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
