package dev.longshore.bench;

import dev.longshore.proxy.tunnel.FrameTracker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Following the masked frames of one 64 KiB read. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FrameTrackerBenchmark {
  private static final int READ_BYTES = 64 * 1024;
  private static final int FIN_BINARY = 0x82;
  private static final int MASKED = 0x80;
  private static final int LENGTH_16 = 126;

  @Param({"64", "4096"})
  int payloadBytes;

  private final FrameTracker tracker = new FrameTracker();
  private ByteBuf read = Unpooled.EMPTY_BUFFER;

  @Setup
  public void setUp() {
    read = Unpooled.directBuffer(READ_BYTES);
    while (read.writableBytes() >= payloadBytes + 8) {
      read.writeByte(FIN_BINARY);
      if (payloadBytes < LENGTH_16) {
        read.writeByte(MASKED | payloadBytes);
      } else {
        read.writeByte(MASKED | LENGTH_16).writeShort(payloadBytes);
      }
      read.writeInt(0x01020304).writeZero(payloadBytes);
    }
  }

  @Benchmark
  public int advance() {
    return tracker.advance(read, read.readerIndex(), read.writerIndex());
  }
}
