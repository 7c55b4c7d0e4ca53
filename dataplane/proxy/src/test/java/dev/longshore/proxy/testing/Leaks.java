package dev.longshore.proxy.testing;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import io.netty.util.ResourceLeakTracker;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/** What all leak detectors of this JVM have noticed. Of any thread. */
final class Leaks {
  /** Long enough for a collector that has one core with others. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Queue<String> noticed = new ConcurrentLinkedQueue<>();
  private final List<Detector<?>> detectors = new CopyOnWriteArrayList<>();
  private int canaries;

  private Leaks() {}

  /**
   * Has every object watched from now on. To be called before the first class of Netty's that keeps
   * a detector is initialized; {@link #collect()} finds out if it was later.
   */
  static Leaks watch() {
    Leaks leaks = new Leaks();
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(leaks.new Factory());
    return leaks;
  }

  /**
   * All that has leaked since the beginning.
   *
   * <p>Two buffers are dropped on purpose, one after the other, and waited for: when the second is
   * noticed, everything that was unreachable with the first has been, and it is proven that the
   * detectors aren't deaf.
   *
   * @throws AssertionError when they are
   */
  synchronized List<String> collect() {
    for (int round = 0; round < 2; round++) {
      String canary = "canary " + ++canaries;
      ByteBufAllocator.DEFAULT.buffer(1).touch(canary);
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (!noticed.removeIf(leak -> leak.contains(canary))) {
        if (System.nanoTime() - deadline > 0) {
          throw new AssertionError(
              "a dropped buffer wasn't noticed: Netty's detectors were made before this one's");
        }
        System.gc();
        detectors.forEach(Detector::poll);
      }
    }
    return noticed.stream().map(Leaks::withoutTheRunner).toList();
  }

  /** A stack ends, for a reader, where JUnit's begins. */
  private static String withoutTheRunner(String leak) {
    return leak.lines()
        .filter(line -> !line.startsWith("\torg.junit.") && !line.startsWith("\tjava.base/"))
        .collect(Collectors.joining("\n"));
  }

  private final class Factory extends ResourceLeakDetectorFactory {
    @Override
    @SuppressWarnings("deprecation") // abstract
    public <T> ResourceLeakDetector<T> newResourceLeakDetector(
        Class<T> resource, int samplingInterval, long maxActive) {
      Detector<T> detector = new Detector<>(resource, samplingInterval, noticed);
      detectors.add(detector);
      return detector;
    }
  }

  private static final class Detector<T> extends ResourceLeakDetector<T> {
    private final Queue<String> noticed;

    Detector(Class<T> resource, int samplingInterval, Queue<String> noticed) {
      super(resource, samplingInterval);
      this.noticed = noticed;
    }

    /** A detector looks at what was collected when it is given the next to track. */
    @SuppressWarnings("unchecked") // it keeps nothing of what it tracks
    void poll() {
      T any = (T) new Object();
      ResourceLeakTracker<T> tracker = trackForcibly(any);
      tracker.close(any);
    }

    @Override
    protected boolean needReport() {
      return true;
    }

    @Override
    protected void reportTracedLeak(String resourceType, String records) {
      if (!records.contains("canary ")) {
        super.reportTracedLeak(resourceType, records);
      }
      noticed.add(resourceType + records);
    }

    @Override
    protected void reportUntracedLeak(String resourceType) {
      super.reportUntracedLeak(resourceType);
      noticed.add(resourceType);
    }
  }
}
