package dev.longshore.testkube;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;

/** TCP ports of the loopback interface. */
public final class Ports {
  /**
   * Below the ports that Linux, macOS and Windows give to whoever connects or asks for any: tests
   * beside these make thousands of connections, and one could take a port before its server
   * listens, or while that is killed and about to come back.
   */
  private static final int FIRST = 15_000;

  private static final int END = 32_000;
  private static final int TRIES = 1_000;

  private Ports() {}

  /** A port that nobody listened on a moment ago, and that nobody gets by chance. */
  static int free() {
    return free("127.0.0.1");
  }

  /**
   * The same at all of several addresses.
   *
   * @param addresses literals of the loopback interface
   * @throws IllegalStateException if none was found
   */
  public static int free(String... addresses) {
    for (int i = 0; i < TRIES; i++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, END);
      if (Arrays.stream(addresses).allMatch(address -> isFree(address, port))) {
        return port;
      }
    }
    throw new IllegalStateException("no free port between " + FIRST + " and " + END);
  }

  private static boolean isFree(String address, int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.ofLiteral(address))) {
      return socket.isBound();
    } catch (IOException e) {
      return false; // Somebody has it.
    }
  }

  static boolean listens(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), 1_000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
