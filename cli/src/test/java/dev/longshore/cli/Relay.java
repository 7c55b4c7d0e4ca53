package dev.longshore.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A way to the API server that can be cut in the middle of an answer: after so many bytes every
 * connection ends, and none is let through before it is opened again.
 */
final class Relay implements AutoCloseable {
  private static final int MAX_READ = 4096;

  private final int target;
  private final ServerSocket listener;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicLong left = new AtomicLong(Long.MAX_VALUE);
  private volatile CountDownLatch cut = new CountDownLatch(1);

  /** Leads to a port of the loopback interface. */
  Relay(int target) throws IOException {
    this.target = target;
    this.listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Lets everything through from now on. */
  void open() {
    left.set(Long.MAX_VALUE);
  }

  /** How many bytes of answers came through since it was opened. */
  long carried() {
    return Long.MAX_VALUE - left.get();
  }

  /** Ends what is open now, and lets through only so many bytes of answers more. */
  void cutAfter(long bytes) {
    cut = new CountDownLatch(1);
    left.set(bytes);
    endAll();
  }

  /** Waits until they came through and everything was cut. */
  void untilCut() throws InterruptedException {
    if (!cut.await(60, TimeUnit.SECONDS)) {
      throw new IllegalStateException(left + " bytes were not asked for");
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    endAll();
  }

  private void endAll() {
    open.forEach(Relay::end);
  }

  private static void end(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept() {
    try {
      while (!listener.isClosed()) {
        Socket client = listener.accept();
        Thread.ofVirtual().start(() -> relay(client));
      }
    } catch (IOException e) {
      // It was closed.
    }
  }

  private void relay(Socket client) {
    try (client;
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target)) {
      open.add(client);
      open.add(server);
      Thread requests = Thread.ofVirtual().start(() -> pump(client, server, false));
      pump(server, client, true);
      client.close();
      requests.join();
      open.remove(client);
      open.remove(server);
    } catch (IOException e) {
      // The API server is gone.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void pump(Socket from, Socket to, boolean answers) {
    try (to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] buffer = new byte[MAX_READ];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        if (answers && left.addAndGet(-read) < 0) {
          cut.countDown();
          endAll();
          return;
        }
        out.write(buffer, 0, read);
      }
    } catch (IOException e) {
      // One of the two is gone, and with it the other.
    }
  }
}
